namespace WebTrainer.Drift;

/// <summary>What a measure gives before measures are corrected together.</summary>
/// <param name="Changed">The sentence of an alarm.</param>
/// <param name="Quiet">The sentence where there is none.</param>
/// <param name="ExampleIds">The most unlike first, as many as are to be named.</param>
internal sealed record Reading(
    DriftMeasure Measure,
    TestResult Test,
    string Changed,
    string Quiet,
    IReadOnlyList<string> ExampleIds,
    double? Psi = null,
    double? Moved = null
)
{
    public DriftFinding Find(double correctedP, double threshold) =>
        new(Measure, Test.Statistic, Test.PValue, correctedP, threshold, correctedP <= threshold ? Changed : Quiet, ExampleIds)
        {
            Psi = Psi,
            Moved = Moved,
        };

    /// <summary>The rows with the highest figures, of equal ones the first.</summary>
    public static IReadOnlyList<string> Highest(IReadOnlyList<DriftRow> rows, IReadOnlyList<double> figures, int most) =>
        [.. rows.Zip(figures).OrderByDescending(pair => pair.Second).Take(most).Select(pair => pair.First.Id)];
}
