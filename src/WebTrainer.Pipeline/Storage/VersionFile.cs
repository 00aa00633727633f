namespace WebTrainer.Pipeline.Storage;

/// <summary>A dataset version on disk: one Parquet file that never changes.</summary>
/// <param name="Sha256">Lower-case hex of the file.</param>
/// <param name="DistinctLabels">0 where no row has a label.</param>
public sealed record VersionFile(string Path, string Sha256, long Rows, long Bytes, long DistinctLabels)
{
    /// <summary>Columns of every version, in their order.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    ["id", "line", "split", "system", "prompt", "response", "label", "messages", "extra"];
}
