using System.Text.Json;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Export;

/// <summary>
/// The name by which llama.cpp knows how a byte-level tokenizer cuts texts (<c>tokenizer.ggml.pre</c>). It has a list of names and no way
/// to say a pattern, so a tokenizer that cuts as none of them does is refused: another name would give other tokens.
/// </summary>
internal static class PreTokenizerName
{
    /// <param name="root"><c>tokenizer.json</c></param>
    /// <param name="ignoresMerges">A word that is a token is never built of merges.</param>
    /// <param name="prefix">What <c>tokenizer_config.json</c> says of a space before texts; null for nothing.</param>
    /// <exception cref="ModelFileException">No known name gives the same pieces.</exception>
    public static string Of(JsonElement root, bool ignoresMerges, bool? prefix)
    {
        var steps = TokenizerFile.Parts(root, "pre_tokenizer", "pretokenizers").ToList();
        var name = NameOf(steps, ignoresMerges) ?? throw Refusal($"cuts texts by {Describe(steps)}, for which llama.cpp has no name");
        if (prefix ?? steps.Exists(step => TokenizerFile.TypeOf(step) == "ByteLevel" && Flag(step, "add_prefix_space", true)))
        {
            throw Refusal("puts a space before each text, which llama.cpp doesn't in byte-level vocabularies");
        }

        return ignoresMerges == (name == "llama-bpe")
            ? name
            : throw Refusal("takes whole words before merges (ignore_merges), which llama.cpp doesn't where it cuts so");
    }

    private static string? NameOf(List<JsonElement> steps, bool ignoresMerges) =>
        steps switch
        {
            [var bytes] when IsBytes(bytes, cuts: true) => "gpt-2",
            [var digits, var bytes] when IsSingleDigits(digits) && IsBytes(bytes, cuts: true) => "smollm",
            [var split, var bytes] when IsBytes(bytes, cuts: false) => PatternOf(split) switch
            {
                // the same pattern under two names, of which one takes whole words first
                WordPattern.Llama3 => ignoresMerges ? "llama-bpe" : "dbrx",
                WordPattern.Qwen2 => "qwen2",
                _ => null,
            },
            _ => null,
        };

    private static bool IsBytes(JsonElement step, bool cuts) =>
        TokenizerFile.TypeOf(step) == "ByteLevel" && Flag(step, "use_regex", true) == cuts;

    private static bool IsSingleDigits(JsonElement step) =>
        TokenizerFile.TypeOf(step) == "Digits" && Flag(step, "individual_digits", false);

    /// <summary>Cut out where they stand, or everything else removed: the patterns leave nothing between.</summary>
    private static string? PatternOf(JsonElement step)
    {
        var kept =
            TokenizerFile.TypeOf(step) == "Split"
            && (step.GetProperty("behavior").GetString(), Flag(step, "invert", false)) is ("Isolated", false) or ("Removed", true);
        return kept && step.GetProperty("pattern").TryGetProperty("Regex", out var pattern) ? pattern.GetString() : null;
    }

    private static string Describe(List<JsonElement> steps) =>
        steps.Count == 0
            ? "nothing"
            : string.Join(
                ", then ",
                steps.Select(step =>
                    step.TryGetProperty("pattern", out var pattern)
                        ? $"{TokenizerFile.TypeOf(step)} {pattern.GetRawText()}"
                        : TokenizerFile.TypeOf(step)
                )
            );

    private static bool Flag(JsonElement step, string name, bool absent) =>
        step.TryGetProperty(name, out var value) ? value.ValueKind == JsonValueKind.True : absent;

    private static ModelFileException Refusal(string what) => new($"The model can't be written as GGUF: its tokenizer {what}.");
}
