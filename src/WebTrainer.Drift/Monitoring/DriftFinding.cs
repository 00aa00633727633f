namespace WebTrainer.Drift;

/// <summary>What one measure says of a window.</summary>
/// <param name="Measure">What was compared.</param>
/// <param name="Value">The test's statistic: D, the mean share of unknown words, the sum over phrases, χ², MMD², the area, or the share
/// of neighbours.</param>
/// <param name="PValue">Of no change, before any correction.</param>
/// <param name="CorrectedP">The same after Holm's correction over the measures of this window.</param>
/// <param name="Threshold">What the corrected p may be at most for an alarm: the part of the level that is this window's.</param>
/// <param name="Sentence">One plain English sentence with the figures that a person would ask for.</param>
/// <param name="ExampleIds">Rows of the window most unlike the reference in this measure, the most unlike first.</param>
public sealed record DriftFinding(
    DriftMeasure Measure,
    double Value,
    double PValue,
    double CorrectedP,
    double Threshold,
    string Sentence,
    IReadOnlyList<string> ExampleIds
)
{
    /// <summary>Whether the change is too large for chance.</summary>
    public bool IsAlarm => CorrectedP <= Threshold;

    /// <summary>How large the change is, as the index that <see cref="Drift.Psi"/> describes; null where it isn't counted.</summary>
    public double? Psi { get; init; }

    /// <summary>How far values moved on the average, in their unit (words, or probability); null where it isn't counted.</summary>
    public double? Moved { get; init; }
}

/// <summary>What all measures say of a window.</summary>
/// <param name="ReferenceRows">Rows of the reference.</param>
/// <param name="WindowRows">Rows of the window.</param>
/// <param name="Findings">One for each measure that the rows allow, alarms first, then in the order of <see cref="DriftMeasure"/>.</param>
public sealed record DriftReport(int ReferenceRows, int WindowRows, IReadOnlyList<DriftFinding> Findings)
{
    /// <summary>Whether any measure raises an alarm.</summary>
    public bool IsAlarm => Findings.Any(finding => finding.IsAlarm);
}
