using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Import;

/// <summary>What became of a file.</summary>
public sealed record ImportReport
{
    /// <summary>The file that was made, with its rows, bytes and hash.</summary>
    public required VersionFile Version { get; init; }

    /// <summary>Records of the file, good and broken.</summary>
    public required long RecordsRead { get; init; }

    /// <summary>Rows of the version; more than the records where each instance became a row.</summary>
    public long RowsKept => Version.Rows;

    /// <summary>Records left out.</summary>
    public required long ProblemCount { get; init; }

    /// <summary>The first of them, as many as <see cref="ImportLimits.MaxProblemsListed"/>.</summary>
    public required IReadOnlyList<RowProblem> Problems { get; init; }

    /// <summary>What rows hold that no part of them was made of, the most frequent first.</summary>
    public required IReadOnlyList<UnusedField> Unused { get; init; }

    /// <summary>The mapping that was applied: with it and the file the version can be made again.</summary>
    public required ColumnMapping Mapping { get; init; }

    /// <summary>SHA-256 of the source file, lower-case hex.</summary>
    public required string SourceSha256 { get; init; }

    /// <summary>Time by the clock, hashing the source among it where it had no hash yet.</summary>
    public required double Seconds { get; init; }
}
