using WebTrainer.Statistics;

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

    internal static PairTest Of(ExampleMeasure measure, PairedComparison found) =>
        new(measure, found.Rows, found.Wins, found.Losses, found.Difference, found.Low, found.High, found.PValue);
}

/// <summary>Tests of two models on the same rows.</summary>
public static class PairStatistics
{
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

    private static PairTest ByRight(PairedExamples pairs) => PairTest.Of(ExampleMeasure.Right, PairedComparison.OfRight(pairs.Counts()));

    private static PairTest ByMean(PairedExamples pairs, ExampleMeasure measure) =>
        PairTest.Of(
            measure,
            PairedComparison.OfMean(pairs.Gains(measure), measure == ExampleMeasure.Loss ? FewRows.Anywhere : FewRows.OfShares)
        );
}
