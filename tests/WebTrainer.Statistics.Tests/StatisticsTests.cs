using System.Text.Json;
using CsCheck;

namespace WebTrainer.Statistics.Tests;

/// <summary>Against scipy and statsmodels; see the file's own "source".</summary>
public sealed class StatisticsTests
{
    [Fact]
    public void McNemar_Gold_IsEqual()
    {
        var gold = Case("mcnemar");
        var counts = PairedCounts.Of(Numbers(gold, "a").Zip(Numbers(gold, "b"), (a, b) => (a > 0, b > 0)));
        Assert.Equal((gold.GetProperty("n01").GetInt64(), gold.GetProperty("n10").GetInt64()), (counts.OnlySecond, counts.OnlyFirst));
        Assert.Equal(gold.GetProperty("exact_p").GetDouble(), McNemar.PValue(counts), 1e-8);
    }

    [Fact]
    public void Bootstrap_Gold_IsEqualWithinChance()
    {
        var gold = Case("bootstrap_ci_percentile");
        var interval = Bootstrap.MeanInterval(Numbers(gold, "values"), seed: 7, draws: 20_000);
        Assert.Equal(gold.GetProperty("ci95")[0].GetDouble(), interval.Low, 0.01);
        Assert.Equal(gold.GetProperty("ci95")[1].GetDouble(), interval.High, 0.01);
        Assert.Equal(interval, Bootstrap.MeanInterval(Numbers(gold, "values"), seed: 7, draws: 20_000));
    }

    [Fact]
    public void Calibration_Bins_AreThoseOfTheError()
    {
        double[] probabilities = [0.05, 0.1, 0.55, 0.58, 0.95, 1];
        bool[] outcomes = [false, true, true, false, true, true];
        var bins = Calibration.Bins(probabilities, outcomes);
        Assert.Equal(
            [(0.075, 0.5, 2), (0.565, 0.5, 2), (0.975, 1.0, 2)],
            bins.Select(bin => (Math.Round(bin.Probability, 9), bin.Share, bin.Count))
        );
        Assert.Equal((0.425 + 0.065 + 0.025) / 3, Calibration.ExpectedError(probabilities, outcomes), 1e-12);
    }

    /// <summary>
    /// The interval of a difference must hold the true difference in about 95 of 100 samples, however the pairs hang together.
    /// </summary>
    [Theory]
    [InlineData(0.70, 0.05, 0.10)]
    [InlineData(0.10, 0.02, 0.30)]
    [InlineData(0.90, 0.04, 0.04)]
    public void DifferenceInterval_CoversTheTruth(double both, double onlyFirst, double onlySecond)
    {
        const int Samples = 2000,
            Rows = 150;
        var random = new Random(11);
        var covered = Enumerable
            .Range(0, Samples)
            .Count(_ =>
            {
                var interval = PairedCounts.Of(Enumerable.Range(0, Rows).Select(_ => Draw(random.NextDouble()))).DifferenceInterval();
                return interval.Low <= onlySecond - onlyFirst && onlySecond - onlyFirst <= interval.High;
            });
        Assert.InRange((double)covered / Samples, 0.93, 0.985);

        (bool First, bool Second) Draw(double u) =>
            u < both ? (true, true)
            : u < both + onlyFirst ? (true, false)
            : u < both + onlyFirst + onlySecond ? (false, true)
            : (false, false);
    }

    [Fact]
    public void RowsNeeded_FindsTheDifferenceInFourOfFiveTries()
    {
        var seen = new PairedCounts(Both: 70, OnlyFirst: 5, OnlySecond: 15, Neither: 10);
        var rows = (int)McNemar.RowsNeeded(seen)!.Value;
        var random = new Random(5);
        var found = Enumerable
            .Range(0, 1000)
            .Count(_ =>
                McNemar.PValue(
                    PairedCounts.Of(
                        Enumerable
                            .Range(0, rows)
                            .Select(_ =>
                            {
                                var u = random.NextDouble();
                                return (u < 0.75, u is < 0.70 or (>= 0.75 and < 0.90));
                            })
                    )
                ) < 0.05
            );
        Assert.InRange(found / 1000.0, 0.72, 0.88);
        Assert.Null(McNemar.RowsNeeded(new PairedCounts(70, 10, 10, 10)));
    }

    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)] // Newcombe 1998, table I, method 3
    [InlineData(0, 10, 0, 0.2775)]
    [InlineData(10, 10, 0.7225, 1)]
    [InlineData(2803, 3080, 0.8993, 0.9197)]
    [InlineData(0, 0, 0, 1)]
    public void Wilson_KnownShares_GiveKnownIntervals(long successes, long trials, double low, double high)
    {
        var interval = Wilson.Of(successes, trials);
        Assert.Equal(low, interval.Low, 2e-4);
        Assert.Equal(high, interval.High, 2e-4);
    }

    [Fact]
    public void Holm_KnownValues_AreCorrectedInTheirOrder() =>
        Assert.Equal([0.03, 0.06, 0.06, 0.02], Holm.Correct([0.01, 0.04, 0.03, 0.005]).Select(p => Math.Round(p, 12)));

    [Fact]
    public void Difference_AnyCounts_LiesInItsInterval() =>
        Gen.Long[0, 500]
            .Array[4]
            .Sample(n =>
            {
                var counts = new PairedCounts(n[0], n[1], n[2], n[3]);
                var interval = counts.DifferenceInterval();
                Assert.InRange(counts.Difference, interval.Low - 1e-12, interval.High + 1e-12);
                Assert.InRange(McNemar.PValue(counts), 0, 1);
            });

    [Theory]
    [InlineData(new double[] { 1, 2, 3, 4, 5 }, 0.0625)] // 2 · 1/32: exact
    [InlineData(new double[] { 1, -1, 1, -1 }, 1)]
    [InlineData(new double[] { 0, 0 }, 1)]
    [InlineData(new double[] { 0.5, 0.5, 0.5, 0.5, 0, 0, 0, 0 }, 0.125)] // 2 · 1/16, however many rows are alike
    [InlineData(new double[] { 1, 2, 2, -1 }, 0.375)] // ranks 1.5, 3.5, 3.5, 1.5: sums of 1.5 or less are 3 of 16 signs
    public void Wilcoxon_KnownDifferences_GiveKnownValues(double[] differences, double p) =>
        Assert.Equal(p, Wilcoxon.Test(differences).PValue, 1e-12);

    [Fact]
    public void Wilcoxon_NoDifference_IsFalseAlarmInOneOfTwenty()
    {
        var random = new Random(3);
        var found = Enumerable
            .Range(0, 2000)
            .Count(_ => Wilcoxon.Test([.. Enumerable.Range(0, 60).Select(_ => random.Next(-5, 6) / 10.0)]).PValue < 0.05);
        Assert.InRange(found / 2000.0, 0.035, 0.065);
    }

    /// <summary>Every sign of every difference, one by one.</summary>
    [Fact]
    public void Wilcoxon_FewDifferencesWithTiesAndZeros_IsThePermutationTest()
    {
        var random = new Random(4);
        for (var round = 0; round < 50; round++)
        {
            double[] differences = [.. Enumerable.Range(0, 12).Select(_ => random.Next(-3, 4) / 4.0)];
            double[] left = [.. differences.Where(difference => difference != 0)];
            double[] ranks =
            [
                .. left.Select(value =>
                    left.Count(other => Math.Abs(other) < Math.Abs(value))
                    + ((left.Count(other => Math.Abs(other) == Math.Abs(value)) + 1) / 2.0)
                ),
            ];
            double Smaller(Func<int, bool> isAbove) =>
                ranks.Where((_, i) => isAbove(i)).Sum() is var above ? Math.Min(above, ranks.Sum() - above) : 0;
            var seen = Smaller(i => left[i] > 0);
            var share =
                Enumerable.Range(0, 1 << left.Length).Count(signs => Smaller(i => (signs >> i & 1) == 1) <= seen)
                / (double)(1 << left.Length);
            Assert.Equal(Math.Min(1, share), Wilcoxon.Test(differences).PValue, 1e-12);
        }
    }

    /// <summary>A difference that the exact test calls sure must not have an interval around 0: the two are shown side by side.</summary>
    [Fact]
    public void DifferenceInterval_SureByTheTest_ExcludesZero()
    {
        var apart = 0;
        for (var first = 0; first <= 30; first++)
        {
            for (var second = first; second <= 40; second++)
            {
                foreach (var both in new[] { 0, 3, 50, 400 })
                {
                    var counts = new PairedCounts(both, first, second, both / 2);
                    apart += McNemar.PValue(counts) < 0.05 && counts.DifferenceInterval() is { Low: <= 0, High: >= 0 } ? 1 : 0;
                }
            }
        }

        Assert.Equal(0, apart);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    public void MeanInterval_AllDifferencesZero_IsNotCertain(int rows)
    {
        var interval = Bootstrap.MeanInterval(new double[rows], seed: 1, range: FewRows.OfShares);
        Assert.True(interval.Low < 0 && interval.High > 0 && interval.High < 3.2 / Math.Sqrt(rows), $"{interval}");
    }

    [Fact]
    public void MeanInterval_OneLoss_IsUnknown() =>
        Assert.Equal(new Interval(double.NaN, double.NaN), Bootstrap.MeanInterval([3.2], seed: 1, range: FewRows.Anywhere));

    private static JsonElement Case(string kind)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedFiles.Find("gold", "significance_calibration.json")));
        return document
            .RootElement.GetProperty("cases")
            .EnumerateArray()
            .Single(entry => entry.GetProperty("kind").GetString() == kind)
            .Clone();
    }

    private static double[] Numbers(JsonElement gold, string name) =>
        [.. gold.GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];
}
