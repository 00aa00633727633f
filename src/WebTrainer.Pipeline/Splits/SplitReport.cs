using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Splits;

/// <summary>What a split gave.</summary>
/// <param name="Rows">Rows of each split.</param>
/// <param name="Leaks">Rows whose prompt also stands in a split that judges them: they would make it look too good.</param>
/// <param name="LeaksDropped">Whether those rows were left out of the version.</param>
public sealed record SplitReport(VersionFile Version, IReadOnlyDictionary<DataSplit, long> Rows, long Leaks = 0, bool LeaksDropped = false);

/// <summary>A version that becomes one split of another.</summary>
/// <param name="Version">Path of the Parquet file.</param>
public sealed record VersionPart(string Version, DataSplit Split);

/// <summary>How versions that already are splits become one version.</summary>
public sealed record ComposeOptions
{
    /// <summary>Share of the training rows that becomes validation, 0 up to but not including 1.</summary>
    public double ValidationShare { get; init; }

    /// <summary>Which training rows become validation: the same seed always takes the same.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>Leaves out training and validation rows that equal a row they are judged by.</summary>
    public bool DropLeaks { get; init; }
}
