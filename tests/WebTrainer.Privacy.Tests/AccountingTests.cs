using System.Globalization;
using CsCheck;
using WebTrainer.Privacy.Accounting;

namespace WebTrainer.Privacy.Tests;

public sealed class AccountingTests
{
    [Fact]
    public void Rdp_Gold_IsThatOfOpacus()
    {
        foreach (var gold in Gold.Cases("dp_sgd_accountant.json"))
        {
            var step = Step(gold);
            var (epsilon, order) = RdpAccountant.Epsilon([step], gold.GetProperty("delta").GetDouble());
            Assert.Equal(1, epsilon / gold.GetProperty("opacus_rdp_eps").GetDouble(), 1e-6);
            Assert.Equal(gold.GetProperty("opacus_best_order").GetDouble(), order, 1e-9);
            foreach (var at in gold.GetProperty("rdp_at").EnumerateObject())
            {
                Assert.Equal(1, RdpAccountant.Rdp(step, double.Parse(at.Name, CultureInfo.InvariantCulture)) / at.Value.GetDouble(), 1e-6);
            }
        }
    }

    [Fact]
    public void Pld_Gold_IsThatOfDpAccounting()
    {
        foreach (var gold in Gold.Cases("dp_sgd_accountant.json"))
        {
            var epsilon = PldAccountant.Epsilon([Step(gold)], gold.GetProperty("delta").GetDouble());
            Assert.Equal(gold.GetProperty("dp_accounting_pld_eps").GetDouble(), epsilon, 0.01);
        }
    }

    /// <summary>Against the definition, E (1 − q + q e^((2x − 1)/2σ²))^α over x of N(0, σ²), by the trapezoidal rule.</summary>
    [Fact]
    public void Rdp_OfAnyStep_IsTheIntegral() =>
        Gen.Select(
                Gen.Double[0.001, 0.95],
                Gen.Double[0.6, 10],
                Gen.OneOf(Gen.Double[1.05, 20], Gen.Int[2, 20].Select(order => (double)order))
            )
            .Sample(
                (rate, noise, order) =>
                {
                    var (from, to, points) = (-14 * noise, order + 14 * noise, 20_000);
                    var width = (to - from) / points;
                    var largest = Enumerable.Range(0, points + 1).Max(i => LogIntegrand(from + i * width));
                    var moment = Enumerable.Range(0, points + 1).Sum(i => Math.Exp(LogIntegrand(from + i * width) - largest)) * width;
                    var expected = (largest + Math.Log(moment)) / (order - 1);
                    Assert.Equal(expected, RdpAccountant.Rdp(new(rate, noise, 1), order), 1e-7 * Math.Abs(expected) + 1e-12 / (order - 1));

                    double LogIntegrand(double x) =>
                        -x * x / (2 * noise * noise)
                        - Math.Log(noise * Math.Sqrt(2 * Math.PI))
                        + order * Math.Log(1 - rate + rate * Math.Exp((2 * x - 1) / (2 * noise * noise)));
                },
                iter: 60
            );

    /// <summary>Without sampling there is a closed form: δ = Φ(μ/2 − ε/μ) − e^ε Φ(−μ/2 − ε/μ), μ = √T/σ (Balle and Wang, 2018).</summary>
    [Theory]
    [InlineData(10, 50)]
    [InlineData(1, 1)]
    [InlineData(3, 20)]
    [InlineData(0.5, 3)]
    [InlineData(200, 1000)]
    public void Pld_WithoutSampling_IsTheClosedForm_AndNeverBelow(double noise, int steps)
    {
        var epsilon = PldAccountant.Epsilon([new(1, noise, steps)], 1e-5);
        var mean = Math.Sqrt(steps) / noise;
        var (low, high) = (0.0, 1000.0);
        for (var i = 0; i < 100; i++)
        {
            var middle = (low + high) / 2;
            var delta = LogMath.UpperTail(middle / mean - mean / 2) - Math.Exp(middle) * LogMath.UpperTail(middle / mean + mean / 2);
            (low, high) = delta > 1e-5 ? (middle, high) : (low, middle);
        }

        Assert.InRange(epsilon, high - 1e-6, high * 1.001 + 1e-4);
    }

    [Fact, Trait("Category", "Slow")]
    public void Pld_IsNeverAboveRdp_AndGrowsWithStepsAndSampling()
    {
        Gen.Select(Gen.Double[0.001, 0.3], Gen.Double[0.6, 5], Gen.Int[1, 3000])
            .Sample(
                (rate, noise, steps) =>
                {
                    var epsilon = PldAccountant.Epsilon([new(rate, noise, steps)], 1e-5);
                    Assert.True(epsilon <= RdpAccountant.Epsilon([new(rate, noise, steps)], 1e-5).Epsilon + 1e-3);
                    Assert.True(epsilon <= PldAccountant.Epsilon([new(rate, noise, 2 * steps)], 1e-5) + 1e-4);
                    Assert.True(epsilon <= PldAccountant.Epsilon([new(Math.Min(1, 2 * rate), noise, steps)], 1e-5) + 1e-4);
                },
                iter: 3,
                threads: 1
            );
    }

    [Fact]
    public void Ledger_OfParts_IsThatOfTheWhole_AndComesBackFromJson()
    {
        var whole = PrivacyLedger.Empty.With(new(0.01, 1.1, 1000));
        var parts = PrivacyLedger.Parse(PrivacyLedger.Empty.With(new(0.01, 1.1, 400)).ToJson()).With(new(0.01, 1.1, 600));
        Assert.Equal(whole.Done, parts.Done);
        Assert.Equal(whole.Epsilon(1e-5), parts.Epsilon(1e-5));

        var mixed = whole.With(new(0.02, 1.5, 100)).With(new(0.01, 1.1, 10));
        Assert.Equal(3, mixed.Done.Count);
        Assert.Equal(mixed.Done, PrivacyLedger.Parse(mixed.ToJson()).Done);
        Assert.True(mixed.Epsilon(1e-5) > whole.Epsilon(1e-5));
        Assert.True(mixed.RdpEpsilon(1e-5) > mixed.Epsilon(1e-5));
        Assert.Equal(0, PrivacyLedger.Empty.Epsilon(1e-5));
    }

    /// <summary>Two kinds of steps composed are as one kind where both are the same but for their names.</summary>
    [Fact]
    public void Pld_OfTwoKinds_IsBetweenThoseOfEach()
    {
        var both = PldAccountant.Epsilon([new(0.01, 1, 300), new(0.02, 1.5, 300)], 1e-5);
        Assert.True(both > PldAccountant.Epsilon([new(0.01, 1, 300)], 1e-5));
        Assert.True(both > PldAccountant.Epsilon([new(0.02, 1.5, 300)], 1e-5));
        Assert.True(both < PldAccountant.Epsilon([new(0.02, 1, 600)], 1e-5));
        Assert.Equal(
            PldAccountant.Epsilon([new(0.01, 1, 600)], 1e-5),
            PldAccountant.Epsilon([new(0.01, 1, 250), new(0.01, 1, 350)], 1e-5),
            1e-6
        );
    }

    [Theory]
    [Trait("Category", "Slow")]
    [InlineData(1, 1e-5, 0.01, 1000)]
    [InlineData(8, 1e-6, 0.05, 500)]
    public void Noise_ThatIsFound_KeepsTheBudget_AndALittleLessDoesNot(double epsilon, double delta, double rate, int steps)
    {
        var noise = NoiseSolver.NoiseFor(epsilon, delta, rate, steps);
        Assert.True(PldAccountant.Epsilon([new(rate, noise, steps)], delta) <= epsilon);
        Assert.True(PldAccountant.Epsilon([new(rate, noise * 0.99, steps)], delta) > epsilon);
    }

    [Fact, Trait("Category", "Slow")]
    public void Noise_AfterOtherSteps_IsMore()
    {
        var before = PrivacyLedger.Empty.With(new(0.01, 1.5, 500));
        Assert.True(NoiseSolver.NoiseFor(2, 1e-5, 0.01, 500, before) > NoiseSolver.NoiseFor(2, 1e-5, 0.01, 500));
        Assert.Throws<PrivacyProblemException>(() => NoiseSolver.NoiseFor(0.1, 1e-5, 0.01, 500, before));
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1.1, 1, 1)]
    [InlineData(double.NaN, 1, 1)]
    [InlineData(0.1, 0, 1)]
    [InlineData(0.1, double.PositiveInfinity, 1)]
    [InlineData(0.1, 1, 0)]
    public void Steps_OutOfRange_AreRefused(double rate, double noise, int steps)
    {
        Assert.Throws<PrivacyProblemException>(() => PrivacyLedger.Empty.With(new(rate, noise, steps)));
        Assert.Throws<PrivacyProblemException>(() => PldAccountant.Epsilon([new(rate, noise, steps)], 1e-5));
        Assert.Throws<PrivacyProblemException>(() => RdpAccountant.Epsilon([new(rate, noise, steps)], 1e-5));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    [InlineData("""[{"sampleRate":2,"noiseMultiplier":1,"steps":1}]""")]
    public void Ledger_OfSomethingElse_IsRefused(string json) => Assert.Throws<PrivacyProblemException>(() => PrivacyLedger.Parse(json));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1e-12)]
    public void Delta_OutOfRange_IsRefused(double delta) =>
        Assert.Throws<PrivacyProblemException>(() => PldAccountant.Epsilon([new(0.1, 1, 1)], delta));

    private static GaussianStep Step(System.Text.Json.JsonElement gold) =>
        new(
            gold.GetProperty("sample_rate").GetDouble(),
            gold.GetProperty("noise_multiplier").GetDouble(),
            gold.GetProperty("steps").GetInt32()
        );
}
