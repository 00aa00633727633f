using WebTrainer.Protocol;

namespace WebTrainer.Models;

/// <summary>
/// What a folder of the ecosystem consists of: which of its files are taken from archives and from the hub, and how it is spoken of.
/// </summary>
public sealed class FolderKind
{
    private readonly string[] _texts;
    private readonly string? _weights;

    private FolderKind(string word, string mark, string? weights, params string[] texts) =>
        (Word, Mark, _weights, _texts) = (word, mark, weights, [mark, .. texts]);

    /// <summary>A model, as transformers saves it.</summary>
    public static FolderKind Model { get; } =
        new(
            "model",
            "config.json",
            weights: null,
            "generation_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "merges.txt",
            "vocab.txt",
            "tokenizer.model",
            "spiece.model",
            "model.safetensors.index.json",
            "README.md",
            "LICENSE",
            "LICENSE.txt",
            "NOTICE",
            "chat_template.jinja",
            "heldout.txt",
            SentenceFiles.Modules,
            SentenceFiles.Settings,
            SentenceFiles.Pooling
        );

    /// <summary>An adapter, as PEFT saves it. A tokenizer or template beside it is its base's matter.</summary>
    public static FolderKind Adapter { get; } =
        new("adapter", PeftFiles.Config, PeftFiles.Weights, "README.md", "LICENSE", "LICENSE.txt", "NOTICE");

    /// <summary>What it is, in a word.</summary>
    public string Word { get; }

    /// <summary>The file that says that a folder is of this kind.</summary>
    public string Mark { get; }

    /// <summary>What its weights' files are called.</summary>
    public string WeightsInWords => _weights ?? "*.safetensors";

    /// <summary>Whether such a folder may hold a file at this place in it.</summary>
    public bool IsWanted(string name) => _texts.Contains(name, StringComparer.Ordinal) || IsWeights(name);

    /// <summary>Whether a name is that of weights at the top of such a folder, in safetensors; pickled ones never count.</summary>
    public bool IsWeights(string name) =>
        _weights is not null ? name == _weights : name.EndsWith(".safetensors", StringComparison.Ordinal) && Path.GetFileName(name) == name;

    /// <summary>The other kind whose mark is among the names; null where there is none.</summary>
    internal FolderKind? OtherOf(IEnumerable<string> names)
    {
        var other = this == Model ? Adapter : Model;
        return names.Contains(other.Mark, StringComparer.Ordinal) ? other : null;
    }
}
