using WebTrainer.Scoring.Statistics;

namespace WebTrainer.Portal.Features.Comparing;

/// <summary>How sure a difference is.</summary>
/// <param name="Difference">Second less first in the measure's unit, above 0: the second is better.</param>
/// <param name="PValue">Of no difference: McNemar's exact test for right answers, Wilcoxon's signed ranks for the others.</param>
public sealed record PairTest(
    ExampleMeasure Measure,
    int Rows,
    int Wins,
    int Losses,
    double Difference,
    double Low,
    double High,
    double PValue
)
{
    /// <summary><see cref="PValue"/> for looking at several columns beside the first (Holm); the same where there is one.</summary>
    public double Corrected { get; init; } = PValue;
}

/// <summary>Tests of two models on the same rows.</summary>
public static class PairStatistics
{
    /// <summary>With more rows the mean's normal interval equals the bootstrap's to what is shown, and takes no time.</summary>
    private const int MostForBootstrap = 5000;
    private const double Z975 = 1.959963984540054;

    public static IReadOnlyList<PairTest> Of(PairedExamples pairs) =>
        pairs.Count == 0
            ? []
            : [ByRight(pairs), ByMean(pairs, ExampleMeasure.TokenF1), .. pairs.HasLoss ? new[] { ByMean(pairs, ExampleMeasure.Loss) } : []];

    /// <summary>Corrects a pair's tests, each measure for itself, for the columns that are compared with the same first one.</summary>
    /// <param name="others">Of the same first column with each other one that is shown.</param>
    public static IReadOnlyList<PairTest> Corrected(IReadOnlyList<PairTest> tests, IReadOnlyCollection<PairedExamples> others) =>
        [
            .. tests.Select(test =>
                test with
                {
                    Corrected = Holm.Correct([test.PValue, .. others.Select(other => PValue(other, test.Measure)).OfType<double>()])[0],
                }
            ),
        ];

    /// <returns>Null where the two have no rows, or no losses, in common.</returns>
    private static double? PValue(PairedExamples pairs, ExampleMeasure measure) =>
        pairs.Count == 0 || (measure == ExampleMeasure.Loss && !pairs.HasLoss) ? null
        : measure == ExampleMeasure.Right ? McNemar.PValue(pairs.Counts())
        : Wilcoxon.Test(pairs.Gains(measure)).PValue;

    private static PairTest ByRight(PairedExamples pairs)
    {
        var counts = pairs.Counts();
        var interval = counts.DifferenceInterval();
        return new(
            ExampleMeasure.Right,
            pairs.Count,
            (int)counts.OnlySecond,
            (int)counts.OnlyFirst,
            counts.Difference,
            interval.Low,
            interval.High,
            McNemar.PValue(counts)
        );
    }

    private static PairTest ByMean(PairedExamples pairs, ExampleMeasure measure)
    {
        var gains = pairs.Gains(measure);
        var mean = gains.Average();
        var interval =
            gains.Length > MostForBootstrap && !FewRows.Fits(gains)
                ? Normal(gains, mean)
                : Bootstrap.MeanInterval(gains, seed: 0, range: measure == ExampleMeasure.Loss ? FewRows.Anywhere : FewRows.OfShares);
        return new(
            measure,
            gains.Length,
            gains.Count(g => g > 0),
            gains.Count(g => g < 0),
            mean,
            interval.Low,
            interval.High,
            Wilcoxon.Test(gains).PValue
        );
    }

    private static Interval Normal(double[] gains, double mean)
    {
        var half = Z975 * Math.Sqrt(gains.Sum(g => (g - mean) * (g - mean)) / (gains.Length - 1) / gains.Length);
        return new(mean - half, mean + half);
    }
}
