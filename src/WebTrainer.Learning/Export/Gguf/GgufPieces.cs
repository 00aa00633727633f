using System.Text.Json;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Export;

/// <summary>How a tokenizer makes tokens of texts, in one of the two ways of llama.cpp that are written here.</summary>
internal abstract class GgufPieces
{
    /// <summary>Letters and their marks are composed (NFC) before texts are cut, which llama.cpp doesn't do.</summary>
    public virtual bool ComposesText => false;

    /// <summary>What kind of token an entry of the vocabulary is.</summary>
    public virtual GgufTokenKind KindOf(string token) => GgufTokenKind.Normal;

    /// <summary>Keys of this way alone.</summary>
    /// <param name="metadata">What they are added to.</param>
    /// <param name="tokens">By their ids.</param>
    public abstract void WriteTo(GgufMetadata metadata, IReadOnlyList<string> tokens);

    /// <exception cref="ModelFileException">llama.cpp would read texts otherwise.</exception>
    public static GgufPieces Read(JsonElement root, TokenizerConfig config, AddedTokens added)
    {
        var model = root.GetProperty("model");
        RefuseIf(TokenizerFile.TypeOf(model) != "BPE", $"is {TokenizerFile.TypeOf(model)}; only BPE is written so far");
        RefuseIf(BpeFile.Text(model, "continuing_subword_prefix").Length > 0, "marks pieces within words");
        RefuseIf(BpeFile.Text(model, "end_of_word_suffix").Length > 0, "marks the ends of words");
        var sided = added.All.Concat(added.Control).FirstOrDefault(token => token.SingleWord || token.TakesLeft || token.TakesRight);
        RefuseIf(sided is not null, $"has a token, '{sided?.Text}', that takes the white space beside it or stands alone");
        return BpeFile.IsOverBytes(root) ? new BytePieces(root, config, added) : new CharacterPieces(root, added);
    }

    /// <summary>Merges that no control token is part of, as they are read here too.</summary>
    protected static IEnumerable<(string Left, string Right)> Merges(JsonElement root, AddedTokens added) =>
        BpeFile
            .ReadMerges(root.GetProperty("model").GetProperty("merges"))
            .Where(merge => !new[] { merge.Left, merge.Right, merge.Left + merge.Right }.Any(added.Special.ContainsKey));

    protected static bool Flag(JsonElement step, string name) =>
        step.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    protected static void RefuseIf(bool applies, string what)
    {
        if (applies)
        {
            throw new ModelFileException($"The model can't be written as GGUF: its tokenizer {what}.");
        }
    }
}
