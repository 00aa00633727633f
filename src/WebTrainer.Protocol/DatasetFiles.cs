using System.Text.Json.Serialization;

namespace WebTrainer.Protocol;

/// <summary>One file of rows and the hash that the worker checks before it reads it.</summary>
/// <param name="Path">JSONL of <see cref="DatasetRow"/>, absolute.</param>
/// <param name="Sha256">Lower-case hex of the file's SHA-256.</param>
/// <param name="Rows">Number of rows.</param>
public sealed record DatasetFile(string Path, string Sha256, long Rows);

/// <summary>Whose a training row is.</summary>
/// <param name="Id">Of the row.</param>
/// <param name="Group">The same for all rows that are protected together.</param>
public sealed record GroupedRow(string Id, string Group);

/// <summary>The splits of a published dataset snapshot.</summary>
public sealed record DatasetFiles
{
    /// <summary>Rows to learn from; null where nothing is learned.</summary>
    public DatasetFile? Train { get; init; }

    /// <summary>Rows by which a training is judged on the way; null where there are none.</summary>
    public DatasetFile? Validation { get; init; }

    /// <summary>Rows by which a tuned model is judged in the end, and which no training sees; null where there are none.</summary>
    public DatasetFile? Test { get; init; }

    /// <summary>Held-out general text (plain UTF-8), by whose loss forgetting is measured.</summary>
    public DatasetFile? General { get; init; }

    /// <summary>
    /// JSONL of <see cref="GroupedRow"/>: which training rows a private run protects together; null where each is by itself.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DatasetFile? Groups { get; init; }

    /// <summary>The closed set of answers of a classification dataset; null where answers are free text.</summary>
    public IReadOnlyList<string>? Labels { get; init; }
}
