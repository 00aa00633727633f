using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Cleaning;

/// <summary>Makes vectors of texts by one encoder.</summary>
/// <param name="texts">Path of a file with a JSON string a line, no text twice; it is taken.</param>
/// <param name="vectors">Path of the file to make: <see cref="TextVectors.Dimensions"/> signed bytes a text, in the texts' order.</param>
/// <returns>What was made.</returns>
public delegate Task<TextVectors> TextEncoding(
    string texts,
    string vectors,
    IProgress<WorkProgress>? progress,
    CancellationToken cancellationToken
);

/// <summary>What the steps of a recipe name and whoever runs it has to find for them.</summary>
public sealed record CleanSources
{
    /// <summary>Nothing but the rows themselves.</summary>
    public static CleanSources None { get; } = new();

    /// <summary>Paths of versions that judge, by the id under which a recipe names them.</summary>
    public IReadOnlyDictionary<Guid, string> EvaluationSets { get; init; } = new Dictionary<Guid, string>();

    /// <summary>Folders with a tokenizer's files, by the name of the model.</summary>
    public IReadOnlyDictionary<string, string> Tokenizers { get; init; } = new Dictionary<string, string>();

    /// <summary>Encoders by the name of the model.</summary>
    public IReadOnlyDictionary<string, TextEncoding> Encoders { get; init; } = new Dictionary<string, TextEncoding>();

    /// <summary>Gives a new path for a file that a step needs while it works.</summary>
    public Func<string> NewFile { get; init; } = () => Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
}
