using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Cleaning;

/// <summary>What one step did.</summary>
/// <param name="Step">Its settings.</param>
/// <param name="RowsIn">Rows that came to it.</param>
/// <param name="Seconds">Processor time of the step alone.</param>
public sealed record StepReport(CleanStep Step, long RowsIn, long Changed, long SetAside, double Seconds)
{
    /// <summary>What people should know of the result, in a sentence; null where that is nothing.</summary>
    public string? Note { get; init; }
}

/// <summary>What a recipe made of a version.</summary>
/// <param name="SetAsidePath">The Parquet file of <see cref="SetAsideRow"/>; null where no row was set aside.</param>
public sealed record CleanReport(VersionFile Version, IReadOnlyList<StepReport> Steps, string? SetAsidePath, long SetAside, double Seconds);

/// <summary>A row that a step changed or set aside.</summary>
/// <param name="Step">Its number in the recipe, from 0.</param>
/// <param name="After">Null where the row was set aside.</param>
/// <param name="Reason">Why it was set aside, in a sentence; null where it was changed.</param>
/// <param name="Twin">The row that it repeats; null where it isn't a repetition, or where that row isn't shown.</param>
public sealed record CleanExample(int Step, CanonicalRow Before, CanonicalRow? After, string? Reason, CanonicalRow? Twin);

/// <summary>What a recipe would make of rows looked at, without making it.</summary>
/// <param name="RowsLookedAt">All rows, or as many as a preview takes, spread evenly over the version.</param>
public sealed record CleanPreview(long Rows, long RowsLookedAt, IReadOnlyList<StepReport> Steps, IReadOnlyList<CleanExample> Examples)
{
    /// <summary>Rows of those looked at that would be set aside, by all steps together; each row goes once.</summary>
    public long SetAside => Steps.Sum(s => s.SetAside);
}

/// <summary>A row that isn't in a cleaned version, and why. What it says stands in the version that was cleaned.</summary>
/// <param name="Step">The step's number in the recipe, from 0.</param>
/// <param name="TwinId">Id of the row it repeats.</param>
public sealed record SetAsideRow(string Id, int Step, string Reason, string? TwinId);
