using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>Reads <c>tokenizer.json</c>. The file comes from others: its size, depth and counts are limited.</summary>
internal static class TokenizerFile
{
    public const int MaximumTokens = 500_000;
    private const long MaximumBytes = 64L << 20;
    private const int MaximumDepth = 32;
    private const int MaximumPatternLength = 1000;

    /// <param name="config">What <c>tokenizer_config.json</c> says goes before this file's own normaliser, as it does in transformers.</param>
    /// <exception cref="ModelFileException">The file is too large, malformed or of an unknown kind.</exception>
    public static TokenizerParts Read(string path, TokenizerConfig config)
    {
        ModelFileException.ThrowIfTooLarge(path, MaximumBytes);
        using var stream = File.OpenRead(path);
        using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = MaximumDepth });
        var root = document.RootElement;
        var model = root.GetProperty("model");
        var added = root.TryGetProperty("added_tokens", out var list) && list.ValueKind == JsonValueKind.Array ? ReadAddedTokens(list) : new AddedTokens();
        var parts = TypeOf(model) switch
        {
            "BPE" when IsByteLevel(root) => ReadByteLevel(root, model, added, config),
            "BPE" => ReadMergedPieces(root, model).Build(added),
            "Unigram" => ReadUnigram(root, model, added),
            "WordPiece" => ReadWordPiece(root, model, added, config),
            var type => throw new ModelFileException($"The tokenizer model is '{type}'; BPE, Unigram and WordPiece can be read."),
        };
        return parts with { Template = TemplateReader.Read(Step(root, "post_processor")) };
    }

    internal static Dictionary<string, int> ReadVocabulary(JsonElement vocab)
    {
        var vocabulary = new Dictionary<string, int>();
        foreach (var entry in vocab.EnumerateObject())
        {
            Limit(vocabulary.Count, "tokens");
            vocabulary[entry.Name] = CheckedId(entry.Value.GetInt32());
        }

        return vocabulary;
    }

    /// <summary>Files of old have no type; what they have tells which they are.</summary>
    private static string TypeOf(JsonElement model) => model.TryGetProperty("type", out var type) ? type.GetString() ?? ""
        : model.TryGetProperty("merges", out _) ? "BPE"
        : model.TryGetProperty("vocab", out var vocabulary) && vocabulary.ValueKind == JsonValueKind.Array ? "Unigram"
        : model.TryGetProperty("continuing_subword_prefix", out _) ? "WordPiece" : "";

    private static TokenizerParts ReadByteLevel(JsonElement root, JsonElement model, AddedTokens added, TokenizerConfig config)
    {
        var vocabulary = ReadVocabulary(model.GetProperty("vocab"));
        foreach (var (token, _) in added.Special.Concat(added.Ordinary).Where(pair => vocabulary.GetValueOrDefault(pair.Key, -1) == pair.Value))
        {
            vocabulary.Remove(token);
        }

        var parts = ByteLevelVocabulary.Build(vocabulary, ReadMerges(model.GetProperty("merges")), added, ReadPattern(root));
        var prefix = Parts(root, "pre_tokenizer", "pretokenizers").Any(part => TypeOf(part) == "ByteLevel" && part.TryGetProperty("add_prefix_space", out var add) && add.ValueKind == JsonValueKind.True);
        return parts with
        {
            Normalise = Normalizer.Read(Step(root, "normalizer")),
            Words = config.AddPrefixSpace ?? prefix ? PreTokenizer.AfterSpace : PreTokenizer.Whole,
        };
    }

    /// <summary>SentencePiece's merges: the piece that the i-th merge makes has the i-th highest score.</summary>
    private static SentencePieceVocabulary ReadMergedPieces(JsonElement root, JsonElement model)
    {
        var vocabulary = ReadVocabulary(model.GetProperty("vocab"));
        var ranks = new Dictionary<string, int>();
        foreach (var merge in ReadMerges(model.GetProperty("merges")))
        {
            ranks.TryAdd(merge.Replace(" ", "", StringComparison.Ordinal), ranks.Count);
        }

        var unknown = model.TryGetProperty("unk_token", out var name) ? name.GetString() : null;
        var bytes = model.TryGetProperty("byte_fallback", out var fallback) && fallback.ValueKind == JsonValueKind.True;
        var pieces = new Piece[vocabulary.Values.Max() + 1];
        foreach (var (text, id) in vocabulary)
        {
            pieces[id] = new(text, -ranks.GetValueOrDefault(text, ranks.Count), KindOf(text, unknown, bytes));
        }

        return new(WithoutGaps(pieces), Unigram: false, HasLeadingSpace(root));
    }

    private static TokenizerParts ReadUnigram(JsonElement root, JsonElement model, AddedTokens added)
    {
        var unknown = model.TryGetProperty("unk_id", out var id) && id.ValueKind == JsonValueKind.Number ? id.GetInt32() : -1;
        var bytes = model.TryGetProperty("byte_fallback", out var fallback) && fallback.ValueKind == JsonValueKind.True;
        var pieces = new List<Piece>();
        foreach (var entry in model.GetProperty("vocab").EnumerateArray())
        {
            Limit(pieces.Count, "tokens");
            var text = entry[0].GetString() ?? "";
            pieces.Add(new(text, entry[1].GetDouble(), pieces.Count == unknown ? PieceKind.Unknown : KindOf(text, unknown: null, bytes)));
        }

        return new UnigramVocabulary(pieces, unknown, bytes).Build(added, Normalizer.Read(Step(root, "normalizer")), PreTokenizer.Read(Step(root, "pre_tokenizer")));
    }

    private static TokenizerParts ReadWordPiece(JsonElement root, JsonElement model, AddedTokens added, TokenizerConfig config)
    {
        string Text(string name, string absent) => model.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : absent;
        var longest = model.TryGetProperty("max_input_chars_per_word", out var number) ? number.GetInt32() : WordPieceVocabulary.UsualLongestWord;
        return new WordPieceVocabulary(ReadVocabulary(model.GetProperty("vocab")), Text("unk_token", WordPieceVocabulary.UsualUnknown), Text("continuing_subword_prefix", WordPieceVocabulary.UsualPrefix), longest)
            .Build(added, NormaliserOf(root, config), PreTokenizer.Read(Step(root, "pre_tokenizer")));
    }

    /// <summary>BERT's classes in transformers set the file's normaliser right where the configuration says otherwise.</summary>
    private static Func<string, string> NormaliserOf(JsonElement root, TokenizerConfig config)
    {
        var step = Step(root, "normalizer");
        if (step.ValueKind != JsonValueKind.Object || TypeOf(step) != "BertNormalizer" || config.Class is null or "PreTrainedTokenizer")
        {
            return Normalizer.Read(step);
        }

        var own = BertNormalizer.Read(step);
        var lower = config.LowerCase ?? own.LowerCase;
        var accents = step.TryGetProperty("strip_accents", out var stated) && stated.ValueKind is JsonValueKind.True or JsonValueKind.False ? own.StripAccents : lower;
        return (own with { LowerCase = lower, StripAccents = config.StripAccents ?? accents, SplitChinese = config.SplitChinese ?? own.SplitChinese }).Apply;
    }

    private static PieceKind KindOf(string text, string? unknown, bool bytes) =>
        text == unknown ? PieceKind.Unknown
        : bytes && text.Length == 6 && text.StartsWith("<0x", StringComparison.Ordinal) && text[5] == '>' ? PieceKind.Byte
        : text is "<s>" or "</s>" or "<pad>" or "<bos>" or "<eos>" or "<mask>" ? PieceKind.Control
        : PieceKind.Normal;

    /// <summary>Ids that the table leaves out become pieces that nothing spells.</summary>
    private static Piece[] WithoutGaps(Piece?[] pieces) => [.. pieces.Select((piece, id) => piece ?? new Piece($"<unused{id}>", 0, PieceKind.Unused))];

    private static bool IsByteLevel(JsonElement root) => Parts(root, "pre_tokenizer", "pretokenizers").Any(part => TypeOf(part) is "ByteLevel" or "Split")
        && !(root.GetProperty("model").TryGetProperty("byte_fallback", out var fallback) && fallback.ValueKind == JsonValueKind.True);

    private static bool HasLeadingSpace(JsonElement root) =>
        Parts(root, "normalizer", "normalizers").Any(part => TypeOf(part) == "Prepend")
        || Parts(root, "pre_tokenizer", "pretokenizers").Any(part => TypeOf(part) == "Metaspace"
            && (part.TryGetProperty("prepend_scheme", out var scheme) ? scheme.GetString() is not "never"
                : !part.TryGetProperty("add_prefix_space", out var add) || add.ValueKind == JsonValueKind.True));

    private static JsonElement Step(JsonElement root, string name) => root.TryGetProperty(name, out var step) ? step : default;

    /// <summary>A step, or the steps of a sequence.</summary>
    private static IEnumerable<JsonElement> Parts(JsonElement root, string name, string list)
    {
        if (!root.TryGetProperty(name, out var step) || step.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        return TypeOf(step) == "Sequence" ? step.GetProperty(list).EnumerateArray() : [step];
    }

    private static AddedTokens ReadAddedTokens(JsonElement list)
    {
        var tokens = new AddedTokens();
        foreach (var entry in list.EnumerateArray())
        {
            Limit(tokens.Special.Count + tokens.Ordinary.Count, "added tokens");
            bool Flag(string name, bool absent) => entry.TryGetProperty(name, out var flag) ? flag.GetBoolean() : absent;
            var (text, id) = (entry.GetProperty("content").GetString() ?? "", CheckedId(entry.GetProperty("id").GetInt32()));
            if (Flag("special", true))
            {
                tokens.Special[text] = id;
            }
            else
            {
                tokens.Add(new(text, id, Flag("single_word", false), Flag("lstrip", false), Flag("rstrip", false), Flag("normalized", true)));
            }
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
        foreach (var part in Parts(root, "pre_tokenizer", "pretokenizers"))
        {
            switch (TypeOf(part))
            {
                case "Split" when part.GetProperty("pattern").TryGetProperty("Regex", out var pattern):
                    return pattern.GetString() is { Length: <= MaximumPatternLength } text
                        ? text : throw new ModelFileException("The tokenizer's split pattern is too long.");
                case "ByteLevel":
                    return WordPattern.Gpt2;
                default:
                    throw new ModelFileException($"The pre-tokenizer '{TypeOf(part)}' can't be read before byte-level merges.");
            }
        }

        throw new ModelFileException("The tokenizer has an empty list of pre-tokenizers.");
    }

    internal static int CheckedId(int id) =>
        id is >= 0 and < MaximumTokens ? id : throw new ModelFileException($"The tokenizer has a token id {id}, outside 0 to {MaximumTokens - 1}.");

    private static void Limit(int count, string what)
    {
        if (count >= MaximumTokens)
        {
            throw new ModelFileException($"The tokenizer has more than {MaximumTokens} {what}.");
        }
    }
}
