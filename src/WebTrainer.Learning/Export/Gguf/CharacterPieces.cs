using System.Text.Json;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Export;

/// <summary>
/// SentencePiece's BPE (Llama 2, Mistral, Gemma): spaces are ▁, merges go over the whole text, what has no token is written in bytes.
/// llama.cpp merges the pair whose piece has the highest score, the leftmost first; with minus the rank of the first merge that makes a
/// piece as its score these are the merges in their order.
/// </summary>
internal sealed class CharacterPieces : GgufPieces
{
    private const string Space = "\u2581";
    private const int Bytes = 256;
    private readonly Dictionary<string, int> _ranks = [];
    private readonly string _unknown;
    private readonly bool _addsSpace;

    public CharacterPieces(JsonElement root, AddedTokens added)
    {
        var model = root.GetProperty("model");
        RefuseIf(!Flag(model, "byte_fallback"), "has characters without tokens that are not written in bytes (byte_fallback)");
        var vocabulary = model.GetProperty("vocab");
        RefuseIf(
            Enumerable.Range(0, Bytes).Any(value => !vocabulary.TryGetProperty($"<0x{value:X2}>", out _)),
            "has no token for each byte"
        );
        RefuseIf(Flag(model, "ignore_merges"), "takes whole words before merges (ignore_merges)");
        _unknown = BpeFile.Text(model, "unk_token");
        _addsSpace = AddsSpace(root);
        foreach (var (left, right) in Merges(root, added))
        {
            _ranks.TryAdd(left + right, _ranks.Count);
        }
    }

    public override GgufTokenKind KindOf(string token) =>
        token == _unknown ? GgufTokenKind.Unknown
        : token is ['<', '0', 'x', _, _, '>'] ? GgufTokenKind.Byte
        : GgufTokenKind.Normal;

    public override void WriteTo(GgufMetadata metadata, IReadOnlyList<string> tokens)
    {
        metadata.Add("tokenizer.ggml.model", "llama");
        metadata.Add("tokenizer.ggml.pre", "default");
        metadata.Add("tokenizer.ggml.scores", [.. tokens.Select(token => _ranks.TryGetValue(token, out var rank) ? -(float)rank : 0)]);
        metadata.Add("tokenizer.ggml.add_space_prefix", _addsSpace);
        metadata.Add("tokenizer.ggml.remove_extra_whitespaces", false);
    }

    /// <summary>
    /// Spaces become ▁ by the normaliser or by the pre-tokenizer, with one before the text or without; nothing else is done.
    /// </summary>
    private static bool AddsSpace(JsonElement root)
    {
        var normalisers = TokenizerFile.Parts(root, "normalizer", "normalizers").ToList();
        var steps = TokenizerFile.Parts(root, "pre_tokenizer", "pretokenizers").ToList();
        return (normalisers, steps) switch
        {
            ([var prepend, var replace], []) when IsPrepend(prepend) && IsReplace(replace) => true,
            ([var replace], []) when IsReplace(replace) => false,
            // of spaces, none of which is left (Gemma)
            ([var replace], [var split]) when IsReplace(replace) && IsOfSpaces(split) => false,
            ([], [var metaspace]) when IsWhole(metaspace) && !TokenizerFile.HasLeadingSpace(root) => false,
            _ => Refused(normalisers.Concat(steps)),
        };
    }

    private static bool Refused(IEnumerable<JsonElement> steps)
    {
        RefuseIf(true, $"changes and cuts texts by {string.Join(", ", steps.Select(TokenizerFile.TypeOf))}, which llama.cpp doesn't");
        return false;
    }

    private static bool IsPrepend(JsonElement step) =>
        TokenizerFile.TypeOf(step) == "Prepend" && step.GetProperty("prepend").GetString() == Space;

    private static bool IsReplace(JsonElement step) =>
        TokenizerFile.TypeOf(step) == "Replace" && IsSpace(step) && step.GetProperty("content").GetString() == Space;

    private static bool IsOfSpaces(JsonElement step) => TokenizerFile.TypeOf(step) == "Split" && IsSpace(step);

    private static bool IsSpace(JsonElement step) =>
        step.GetProperty("pattern").TryGetProperty("String", out var text) && text.GetString() == " ";

    /// <summary>
    /// Metaspace that cuts nothing. Where it puts a space it does so before texts that begin with none, and llama.cpp before all.
    /// </summary>
    private static bool IsWhole(JsonElement step) =>
        TokenizerFile.TypeOf(step) == "Metaspace"
        && step.TryGetProperty("split", out var split)
        && split.ValueKind == JsonValueKind.False
        && step.TryGetProperty("replacement", out var mark)
        && mark.GetString() == Space;
}
