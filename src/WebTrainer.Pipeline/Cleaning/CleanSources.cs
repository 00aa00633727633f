namespace WebTrainer.Pipeline.Cleaning;

/// <summary>What the steps of a recipe name and whoever runs it has to find for them.</summary>
public sealed record CleanSources
{
    /// <summary>Nothing but the rows themselves.</summary>
    public static CleanSources None { get; } = new();

    /// <summary>Paths of versions that judge, by the id under which a recipe names them.</summary>
    public IReadOnlyDictionary<Guid, string> EvaluationSets { get; init; } = new Dictionary<Guid, string>();

    /// <summary>Folders with a tokenizer's files, by the name of the model.</summary>
    public IReadOnlyDictionary<string, string> Tokenizers { get; init; } = new Dictionary<string, string>();
}
