using System.Text.Json;
using WebTrainer.Learning.Models;

namespace WebTrainer.Learning.Tokenizing;

/// <summary>What a byte-level <c>tokenizer.json</c> says. The file comes from others: its size, depth and counts are limited.</summary>
public sealed record TokenizerFile(
    IReadOnlyDictionary<string, int> Vocabulary,
    IReadOnlyList<string> Merges,
    IReadOnlyDictionary<string, int> SpecialTokens,
    string Pattern)
{
    public const long MaximumBytes = 64L << 20;
    public const int MaximumTokens = 500_000;
    private const int MaximumDepth = 32;
    private const int MaximumPatternLength = 1000;

    /// <exception cref="ModelFileException">The file is too large, malformed or of a kind that is not byte-level BPE.</exception>
    public static TokenizerFile Read(string path)
    {
        ModelFileException.ThrowIfTooLarge(path, MaximumBytes);
        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = MaximumDepth });
            return Read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new ModelFileException($"{Path.GetFileName(path)} is not a readable tokenizer: {exception.Message}", exception);
        }
    }

    private static TokenizerFile Read(JsonElement root)
    {
        var model = root.GetProperty("model");
        if (model.TryGetProperty("type", out var type) && type.GetString() is not "BPE")
        {
            throw new ModelFileException($"The tokenizer model is '{type.GetString()}'; only byte-level BPE can be read.");
        }

        var special = root.TryGetProperty("added_tokens", out var added) && added.ValueKind == JsonValueKind.Array
            ? ReadAddedTokens(added) : [];
        var vocabulary = ReadVocabulary(model.GetProperty("vocab"));
        foreach (var token in special.Keys)
        {
            vocabulary.Remove(token);
        }

        RequireAllBytes(vocabulary);
        return new(vocabulary, ReadMerges(model.GetProperty("merges")), special, ReadPattern(root));
    }

    private static Dictionary<string, int> ReadVocabulary(JsonElement vocab)
    {
        var vocabulary = new Dictionary<string, int>();
        foreach (var entry in vocab.EnumerateObject())
        {
            Limit(vocabulary.Count, "tokens");
            vocabulary[entry.Name] = CheckedId(entry.Value.GetInt32());
        }

        return vocabulary;
    }

    private static Dictionary<string, int> ReadAddedTokens(JsonElement added)
    {
        var tokens = new Dictionary<string, int>();
        foreach (var entry in added.EnumerateArray())
        {
            Limit(tokens.Count, "added tokens");
            tokens[entry.GetProperty("content").GetString() ?? ""] = CheckedId(entry.GetProperty("id").GetInt32());
        }

        return tokens;
    }

    /// <summary>Merges are written "left right" or, in newer files, ["left", "right"].</summary>
    private static List<string> ReadMerges(JsonElement list)
    {
        var merges = new List<string>();
        foreach (var merge in list.EnumerateArray())
        {
            Limit(merges.Count, "merges");
            var text = merge.ValueKind == JsonValueKind.Array ? $"{merge[0].GetString()} {merge[1].GetString()}" : merge.GetString()!;
            if (text.AsSpan().Count(' ') != 1)
            {
                throw new ModelFileException($"Merge {merges.Count} of the tokenizer is not a pair of tokens.");
            }

            merges.Add(text);
        }

        return merges;
    }

    private static string ReadPattern(JsonElement root)
    {
        if (!root.TryGetProperty("pre_tokenizer", out var pre) || pre.ValueKind != JsonValueKind.Object)
        {
            throw new ModelFileException("The tokenizer has no byte-level pre-tokenizer.");
        }

        IEnumerable<JsonElement> parts = pre.GetProperty("type").GetString() == "Sequence"
            ? pre.GetProperty("pretokenizers").EnumerateArray() : [pre];
        foreach (var part in parts)
        {
            switch (part.GetProperty("type").GetString())
            {
                case "Split" when part.GetProperty("pattern").TryGetProperty("Regex", out var pattern):
                    return pattern.GetString() is { Length: <= MaximumPatternLength } text
                        ? text : throw new ModelFileException("The tokenizer's split pattern is too long.");
                case "ByteLevel":
                    return WordPattern.Gpt2;
                default:
                    throw new ModelFileException($"The pre-tokenizer '{part.GetProperty("type").GetString()}' can't be read; only byte-level ones can.");
            }
        }

        throw new ModelFileException("The tokenizer has an empty list of pre-tokenizers.");
    }

    private static void RequireAllBytes(Dictionary<string, int> vocabulary)
    {
        for (var value = 0; value < 256; value++)
        {
            if (!vocabulary.ContainsKey(ByteAlphabet.CharacterOf((byte)value).ToString()))
            {
                throw new ModelFileException($"The tokenizer is not byte-level: it has no token for byte 0x{value:X2}.");
            }
        }
    }

    private static int CheckedId(int id) =>
        id is >= 0 and < MaximumTokens ? id : throw new ModelFileException($"The tokenizer has a token id {id}, outside 0 to {MaximumTokens - 1}.");

    private static void Limit(int count, string what)
    {
        if (count >= MaximumTokens)
        {
            throw new ModelFileException($"The tokenizer has more than {MaximumTokens} {what}.");
        }
    }
}
