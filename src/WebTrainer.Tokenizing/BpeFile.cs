using System.Text;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>Reads the merges of a <c>tokenizer.json</c>, over bytes or over SentencePiece's characters.</summary>
internal static class BpeFile
{
    public const int MaximumMerges = 2_000_000;
    private const char Space = '\u2581';

    /// <summary>Marks that SentencePiece's vocabularies hold among their pieces; no text spells them.</summary>
    private static readonly string[] s_marks = ["<s>", "</s>", "<pad>", "<bos>", "<eos>", "<mask>"];

    /// <exception cref="ModelFileException">The tables contradict each other.</exception>
    public static TokenizerParts Read(JsonElement root, JsonElement model, AddedTokens added, TokenizerConfig config)
    {
        var vocabulary = TokenizerFile.ReadVocabulary(model.GetProperty("vocab"));
        added.TakeIdsFrom(vocabulary);
        var overBytes = IsOverBytes(root);
        var unknown = Text(model, "unk_token");
        foreach (
            var mark in overBytes ? []
            : unknown.Length > 0 ? s_marks.Append(unknown)
            : s_marks
        )
        {
            if (vocabulary.TryGetValue(mark, out var id) && !added.Ordinary.ContainsKey(mark))
            {
                added.Special.TryAdd(mark, id);
            }
        }

        var rules = RulesOf(model, vocabulary, unknown);
        var bytes = BytesOf(vocabulary, rules with { FallsBackToBytes = rules.FallsBackToBytes && DecodesBytes(root) }, overBytes, added);
        var merges = ReadMerges(model.GetProperty("merges"))
            .Where(merge => !IsControl(merge.Left) && !IsControl(merge.Right) && !IsControl(merge.Left + merge.Right))
            .ToList();
        foreach (var token in added.Special.Keys)
        {
            vocabulary.Remove(token);
        }

        var engine = new BpeModel(vocabulary, merges, rules);
        return new(engine.Cut, bytes, added.Special, added.Ordinary, !overBytes && TokenizerFile.HasLeadingSpace(root))
        {
            Tokens = added.All,
            Control = added.Control,
            Normalise = Normalizer.Read(TokenizerFile.Step(root, "normalizer")),
            Words = PreTokenizer.Read(TokenizerFile.Step(root, "pre_tokenizer"), config.AddPrefixSpace),
        };

        bool IsControl(string token) => added.Special.ContainsKey(token); // no text is merged into one
    }

    private static BpeRules RulesOf(JsonElement model, Dictionary<string, int> vocabulary, string unknown)
    {
        bool Flag(string name) => model.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
        return new(
            unknown.Length > 0
                ? vocabulary.TryGetValue(unknown, out var id)
                    ? id
                    : throw new ModelFileException($"The tokenizer's token for the unknown, '{unknown}', is not in its vocabulary.")
                : null,
            Flag("fuse_unk"),
            Flag("byte_fallback"),
            Flag("ignore_merges"),
            Text(model, "continuing_subword_prefix"),
            Text(model, "end_of_word_suffix")
        );
    }

    /// <summary>
    /// What the ids stand for: the decoder says whether tokens are written in the byte alphabet; without one, the cutting before merges
    /// does.
    /// </summary>
    internal static bool IsOverBytes(JsonElement root) =>
        TokenizerFile.Parts(root, "decoder", "decoders").ToList() is { Count: > 0 } decoders
            ? decoders.Exists(part => TokenizerFile.TypeOf(part) == "ByteLevel")
            : TokenizerFile
                .Parts(root, "pre_tokenizer", "pretokenizers")
                .Concat(TokenizerFile.Parts(root, "normalizer", "normalizers"))
                .Any(part => TokenizerFile.TypeOf(part) == "ByteLevel");

    /// <summary>A decoder that doesn't read <c>&lt;0x41&gt;</c> as a byte shows it as it is.</summary>
    private static bool DecodesBytes(JsonElement root) =>
        TokenizerFile.Parts(root, "decoder", "decoders").Select(TokenizerFile.TypeOf).ToList() is var kinds
        && (kinds.Count == 0 || kinds.Contains("ByteFallback"));

    private static byte[]?[] BytesOf(Dictionary<string, int> vocabulary, BpeRules rules, bool overBytes, AddedTokens added)
    {
        var bytes = new byte[]?[1 + vocabulary.Values.Concat(added.Ids).Max()];
        foreach (var (token, id) in added.Special.Concat(added.Ordinary).Concat(vocabulary))
        {
            bytes[id] = overBytes ? ByteAlphabet.TryRead(token) ?? Encoding.UTF8.GetBytes(token) : PieceBytes(token, rules);
        }

        return bytes;
    }

    private static byte[] PieceBytes(string token, BpeRules rules)
    {
        if (
            rules.FallsBackToBytes
            && token is ['<', '0', 'x', _, _, '>']
            && byte.TryParse(token.AsSpan(3, 2), System.Globalization.NumberStyles.HexNumber, null, out var value)
        )
        {
            return [value];
        }

        var text =
            rules.Suffix.Length > 0 && token.EndsWith(rules.Suffix, StringComparison.Ordinal) ? token[..^rules.Suffix.Length] + " " : token;
        return Encoding.UTF8.GetBytes(text.Replace(Space, ' '));
    }

    /// <summary>Merges are written "left right" or, in newer files, ["left", "right"].</summary>
    internal static List<(string Left, string Right)> ReadMerges(JsonElement list)
    {
        var merges = new List<(string, string)>();
        foreach (var merge in list.EnumerateArray())
        {
            if (merges.Count == MaximumMerges)
            {
                throw new ModelFileException($"The tokenizer has more than {MaximumMerges} merges.");
            }

            merges.Add(
                merge.ValueKind == JsonValueKind.Array
                    ? (merge[0].GetString()!, merge[1].GetString()!)
                    : PairOf(merge.GetString()!, merges.Count)
            );
        }

        return merges;
    }

    internal static (string Left, string Right) PairOf(string merge, int rank)
    {
        var at = merge.IndexOf(' ', StringComparison.Ordinal);
        return at > 0 && at < merge.Length - 1 && merge.AsSpan(at + 1).IndexOf(' ') < 0
            ? (merge[..at], merge[(at + 1)..])
            : throw new ModelFileException($"Merge {rank} of the tokenizer is not a pair of tokens.");
    }

    internal static string Text(JsonElement model, string name) =>
        model.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
