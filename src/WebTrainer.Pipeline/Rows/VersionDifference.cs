namespace WebTrainer.Pipeline.Rows;

/// <summary>In what a row differs between two versions.</summary>
public enum RowChange
{
    /// <summary>Only the later version has the row.</summary>
    Added,

    /// <summary>Only the earlier version has it.</summary>
    Removed,

    /// <summary>Both have it, with other messages, another label or another split.</summary>
    Changed,
}

/// <param name="Before">Null where the row was added.</param>
/// <param name="After">Null where it was removed.</param>
public sealed record RowDifference(RowChange Change, CanonicalRow? Before, CanonicalRow? After);

/// <summary>How two versions differ; rows are the same by their ids.</summary>
/// <param name="Rows">A page of the differences asked for.</param>
public sealed record VersionDifference(long Added, long Removed, long Changed, long Same, IReadOnlyList<RowDifference> Rows)
{
    /// <summary>Rows that differ so, on all pages.</summary>
    public long Of(RowChange change) =>
        change switch
        {
            RowChange.Added => Added,
            RowChange.Removed => Removed,
            _ => Changed,
        };
}
