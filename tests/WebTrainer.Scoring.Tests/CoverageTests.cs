using WebTrainer.Scoring.Benchmarks;
using WebTrainer.Scoring.Scorers;
using WebTrainer.Statistics;

namespace WebTrainer.Scoring.Tests;

/// <summary>
/// Intervals say "95 %": of samples drawn from what is known, about that many must hold the truth, also where rows are few or nearly all
/// alike. The tables in docs/evaluation.md come from <see cref="Tables"/>.
/// </summary>
[Trait("Category", "Slow")]
public sealed class CoverageTests
{
    /// <summary>How confidences lie, by a number drawn between 0 and 1.</summary>
    private static readonly (string Name, Func<double, double> Confidence)[] s_confidences =
    [
        ("even from 0.1 to 1", u => 0.1 + (0.9 * u)),
        ("even from 0.5 to 1", u => 0.5 + (0.5 * u)),
        ("near 1", u => Math.Max(0.02, 1 + (0.05 * Math.Log(u + 1e-9)))),
        ("nearly all above 0.985", u => 0.985 + (0.015 * u)),
        ("sure or unsure", u => u < 0.7 ? 1 - (0.02 * u) : 0.3 + (0.3 * u)),
        ("low, as among many classes", u => (u * u * 0.6) + 0.02),
    ];

    /// <summary>
    /// How the share of right answers lies to the confidence; the size is found so that the true error is the one wanted.
    /// </summary>
    private static readonly (string Name, Func<double, double, double> Right)[] s_faults =
    [
        ("too sure", (p, size) => p - size),
        ("less sure than right", (p, size) => p + size),
        ("too sure where sure, the other way below", (p, size) => p > 0.5 ? p - size : p + size),
        ("too sure above 0.9 alone", (p, size) => p > 0.9 ? p - size : p),
    ];

    [Theory]
    [InlineData(60, 0)]
    [InlineData(60, 0.03)]
    [InlineData(60, 0.1)]
    [InlineData(300, 0)]
    [InlineData(300, 0.03)]
    [InlineData(300, 0.1)]
    [InlineData(3000, 0)]
    [InlineData(3000, 0.03)]
    [InlineData(3000, 0.1)]
    public void CalibrationInterval_AnyShape_HoldsTheTrueErrorInAboutNinetyFiveOfAHundred(int answers, double error)
    {
        var shapes = Shapes(error);
        var held = Held(120, (random, sample) => OfCalibration(random, shapes[sample % shapes.Count], answers, error));
        Assert.InRange(held, 0.90, 0.995); // two deviations of 120 samples are 4 points
    }

    [Fact]
    public void CalibrationInterval_PerfectModel_IsHardlyEverSaidToMissFivePercent()
    {
        var shapes = Shapes(0);
        Assert.InRange(
            Held(
                100,
                (random, sample) =>
                    !(
                        Sample(random, shapes[sample % shapes.Count], 100) is var (p, right)
                        && CalibrationInterval.Of(p, right).Interval.Low > 0.05
                    )
            ),
            0.95,
            1
        );
    }

    [Theory]
    [MemberData(nameof(Means))]
    public void MeanInterval_FewRows_HoldsTheMeanInAboutNinetyFiveOfAHundred(string values, int rows)
    {
        var (_, draw, mean) = s_values.Single(entry => entry.Name == values);
        Assert.InRange(Held(500, (random, _) => OfMean(random, draw, rows, mean)), 0.90, 1);
    }

    public static TheoryData<string, int> Means =>
        [.. s_values.SelectMany(entry => new[] { 5, 10, 20, 50, 199 }.Select(rows => (entry.Name, rows)))];

    [Theory]
    [InlineData(10, 3, 0.9)]
    [InlineData(30, 3, 1.0)]
    [InlineData(60, 6, 0.95)]
    [InlineData(300, 20, 0.8)]
    [InlineData(1000, 77, 0.9)]
    public void MacroF1Interval_HoldsTheTruth(int rows, int labels, double right)
    {
        Assert.InRange(Held(200, (random, _) => OfMacroF1(random, rows, labels, right)), 0.90, 1);
    }

    [Theory]
    [InlineData(0.02, 0.02, 30)]
    [InlineData(0.0, 0.05, 20)]
    [InlineData(0.1, 0.3, 10)]
    [InlineData(0.45, 0.45, 10)]
    public void DifferenceInterval_FewRows_HoldsTheTruth(double onlyFirst, double onlySecond, int rows)
    {
        var held = Held(
            2000,
            (random, _) =>
            {
                var interval = PairedCounts
                    .Of(
                        Enumerable
                            .Range(0, rows)
                            .Select(_ =>
                                random.NextDouble() is var u && u < onlyFirst ? (true, false)
                                : u < onlyFirst + onlySecond ? (false, true)
                                : (u < 0.8, u < 0.8)
                            )
                    )
                    .DifferenceInterval();
                return interval.Low <= onlySecond - onlyFirst && onlySecond - onlyFirst <= interval.High;
            }
        );
        Assert.InRange(held, 0.92, 1);
    }

    /// <summary>Prints the tables of docs/evaluation.md.</summary>
    [Fact(Explicit = true)]
    public void Tables()
    {
        var output = TestContext.Current.TestOutputHelper!;
        foreach (var (confidences, faults) in s_confidences.SelectMany(c => s_faults.Select(f => (c, f))))
        {
            var cells = new[] { 0, 0.03, 0.1 }
                .SelectMany(error =>
                    new[] { 60, 300, 3000 }.Select(answers =>
                        SizeOf(confidences.Confidence, faults.Right, error) is { } size
                            ? $"{Held(400, (random, _) => OfCalibration(random, new(confidences.Confidence, p => Share(faults.Right(p, size))), answers, error)):P1}"
                            : ""
                    )
                )
                .ToList();
            output.WriteLine($"| {confidences.Name} | {faults.Name} | {string.Join(" | ", cells)} |");
        }

        foreach (var (name, draw, mean) in s_values)
        {
            output.WriteLine(
                $"| {name} | {string.Join(" | ", new[] { 5, 10, 20, 50, 100, 199 }.Select(rows => $"{Held(2000, (random, _) => OfMean(random, draw, rows, mean)):P1}"))} |"
            );
        }
    }

    private sealed record Shape(Func<double, double> Confidence, Func<double, double> Right);

    private static readonly (string Name, Func<Random, double> Draw, double Mean)[] s_values =
    [
        ("even from 0 to 1", random => random.NextDouble(), 0.5),
        ("normal", Normal, 0),
        ("exponential", random => -Math.Log(1 - random.NextDouble()), 1),
        (
            "token F1: three in ten 0, three in ten 1, the others between",
            random =>
                random.NextDouble() is var u && u < 0.3 ? 0
                : u < 0.6 ? 1
                : random.NextDouble(),
            0.5
        ),
        ("nine in ten 0, the others from 0 to 1", random => random.NextDouble() < 0.9 ? 0 : random.NextDouble(), 0.05),
        ("nine in ten 0, the others from -1 to 1", random => random.NextDouble() < 0.9 ? 0 : (2 * random.NextDouble()) - 1, 0),
        ("nine in ten 0, the others 1", random => random.NextDouble() < 0.9 ? 0 : 1, 0.1),
        ("eight in ten 1, the others from 0 to 1", random => random.NextDouble() < 0.8 ? 1 : random.NextDouble(), 0.9),
        ("97 of 100 0, the others from 0 to 1", random => random.NextDouble() < 0.97 ? 0 : random.NextDouble(), 0.015),
    ];

    private static List<Shape> Shapes(double error) =>
        [
            .. from confidences in s_confidences
            from faults in s_faults
            let size = SizeOf(confidences.Confidence, faults.Right, error)
            where size is not null
            select new Shape(confidences.Confidence, p => Share(faults.Right(p, size.Value))),
        ];

    /// <summary>Null where no size of the fault makes such an error: nobody can be 10 % less sure than right who is always sure.</summary>
    private static double? SizeOf(Func<double, double> confidence, Func<double, double, double> right, double error)
    {
        double[] grid = [.. Enumerable.Range(0, 2000).Select(i => confidence((i + 0.5) / 2000))];
        double ErrorOf(double size) => grid.Average(p => Math.Abs(p - Share(right(p, size))));
        var (low, high) = (0.0, 1.0);
        for (var i = 0; i < 40; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = ErrorOf(middle) < error ? (middle, high) : (low, middle);
        }

        return error == 0 ? 0
            : Math.Abs(ErrorOf(high) - error) < 1e-4 ? high
            : null;
    }

    private static double Share(double value) => Math.Clamp(value, 0, 1);

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static (double[] Probabilities, bool[] Right) Sample(Random random, Shape shape, int answers)
    {
        double[] probabilities = [.. Enumerable.Range(0, answers).Select(_ => shape.Confidence(random.NextDouble()))];
        return (probabilities, [.. probabilities.Select(p => random.NextDouble() < shape.Right(p))]);
    }

    private static bool OfCalibration(Random random, Shape shape, int answers, double error)
    {
        var (probabilities, right) = Sample(random, shape, answers);
        var (value, interval) = CalibrationInterval.Of(probabilities, right);
        Assert.InRange(value, interval.Low, interval.High);
        return interval.Low <= error + 1e-4 && error - 1e-4 <= interval.High;
    }

    private static bool OfMean(Random random, Func<Random, double> draw, int rows, double mean)
    {
        var interval = Bootstrap.MeanInterval([.. Enumerable.Range(0, rows).Select(_ => draw(random))], seed: 1);
        return interval.Low <= mean && mean <= interval.High;
    }

    /// <summary>Labels of unequal size; a wrong answer is any other label. The truth is the figure of very many rows.</summary>
    private static bool OfMacroF1(Random random, int rows, int labels, double right)
    {
        (string, string) Draw(Random random)
        {
            var label = (int)(labels * Math.Pow(random.NextDouble(), 1.3));
            return ($"{label}", random.NextDouble() < right ? $"{label}" : $"{(label + 1 + random.Next(labels - 1)) % labels}");
        }

        var interval = new LabelTable(Enumerable.Range(0, rows).Select(_ => Draw(random))).MacroF1Interval;
        // By a draw of its own: whichever sample comes first, the truth is the same.
        var truth = s_truths
            .GetOrAdd(
                (labels, right),
                _ => new Lazy<double>(() =>
                {
                    var many = new Random(1);
                    return new LabelTable(Enumerable.Range(0, 200_000).Select(_ => Draw(many))).MacroF1;
                })
            )
            .Value;
        return interval.Low <= truth + 1e-9 && truth - 1e-9 <= interval.High;
    }

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<(int, double), Lazy<double>> s_truths = new();

    /// <summary>Share of samples in which what is told holds; the same at each run.</summary>
    private static double Held(int samples, Func<Random, int, bool> holds)
    {
        var held = 0;
        Parallel.For(
            0,
            samples,
            sample =>
            {
                if (holds(new Random((sample * 7919) + 17), sample))
                {
                    Interlocked.Increment(ref held);
                }
            }
        );
        return (double)held / samples;
    }
}
