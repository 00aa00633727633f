using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Projects;

namespace WebTrainer.Portal.Features.Runs.Approving;

/// <summary>A goal of the project, and how what there is stands to it.</summary>
/// <param name="State">Null where nothing measured it.</param>
public sealed record ServedGoal(GoalView Goal, GoalState? State);

/// <summary>What a run takes of what the project has.</summary>
/// <param name="Seconds">As its plan measured on its own settings; null where nobody planned it yet.</param>
/// <param name="HoursLeft">Device hours that are left of the project's month; null where nothing bounds them.</param>
/// <param name="NeedsTwo">Whether the policy asks for two approvers, of all or of what costs as much.</param>
public sealed record RunCost(double? Seconds, ProjectPrice Price, double? HoursLeft, bool NeedsTwo)
{
    private const double SecondsAnHour = 3600;

    /// <summary>In the project's currency; null where the time or the price is not known.</summary>
    public double? Amount => Seconds / SecondsAnHour * Price.DeviceHour;

    /// <summary>In the project's currency; null where the hours are not bounded or have no price.</summary>
    public double? AmountLeft => HoursLeft * Price.DeviceHour;

    /// <summary>It takes more hours than are left of the month.</summary>
    public bool PassesBudget => Seconds / SecondsAnHour > HoursLeft;
}

/// <summary>The run that was approved last, against which this one is held.</summary>
/// <param name="Rows">How the rows of both differ; null where both have the same version.</param>
public sealed record ApprovedBefore(
    Guid RunId,
    int Number,
    string Name,
    string ApprovedByName,
    DateTimeOffset ApprovedAt,
    VersionName Data,
    VersionDifference? Rows
)
{
    /// <summary>The rows in a sentence.</summary>
    public string RowsInWords =>
        Rows switch
        {
            null => $"the same rows, {Data.Name} v{Data.Number}",
            { Added: 0, Removed: 0, Changed: 0 } => $"another version with the same rows as {Data.Name} v{Data.Number}",
            { } rows =>
                $"{Format.Count(rows.Added)} added, {Format.Count(rows.Removed)} gone, {Format.Count(rows.Changed)} changed, {Format.Count(rows.Same)} the same as in {Data.Name} v{Data.Number}",
        };
}

/// <summary>All on one card that a lead needs to decide on a run.</summary>
/// <param name="SpecSha256">Hash of the settings that it speaks of: an approval holds for these.</param>
/// <param name="Data">What it learns from.</param>
/// <param name="Before">Null where no run was approved before.</param>
/// <param name="Differences">Settings that are other ones than those of <paramref name="Before"/>.</param>
public sealed record RunEvidenceCard(
    string SpecSha256,
    string AskedByName,
    DateTimeOffset AskedAt,
    DataEvidence Data,
    RunCost Cost,
    IReadOnlyList<ServedGoal> Goals,
    ApprovedBefore? Before,
    IReadOnlyList<SettingDifference> Differences
);
