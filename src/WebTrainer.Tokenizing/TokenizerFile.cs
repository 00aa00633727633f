using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>Reads <c>tokenizer.json</c>. The file comes from others: its size, depth and counts are limited.</summary>
internal static class TokenizerFile
{
    public const int MaximumTokens = 1_000_000;
    private const long MaximumBytes = 128L << 20;
    private const int MaximumDepth = 32;

    /// <param name="config">What <c>tokenizer_config.json</c> says goes before this file's own normaliser, as it does in
    /// transformers.</param>
    /// <exception cref="ModelFileException">The file is too large, malformed or of an unknown kind.</exception>
    public static TokenizerParts Read(string path, TokenizerConfig config)
    {
        ModelFileException.ThrowIfTooLarge(path, MaximumBytes);
        using var stream = File.OpenRead(path);
        using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = MaximumDepth });
        var root = document.RootElement;
        var model = root.GetProperty("model");
        var added = ReadAddedTokens(root);
        var parts = TypeOf(model) switch
        {
            "BPE" => BpeFile.Read(root, model, added, config),
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
    internal static string TypeOf(JsonElement model) =>
        model.TryGetProperty("type", out var type) ? type.GetString() ?? ""
        : model.TryGetProperty("merges", out _) ? "BPE"
        : model.TryGetProperty("vocab", out var vocabulary) && vocabulary.ValueKind == JsonValueKind.Array ? "Unigram"
        : model.TryGetProperty("continuing_subword_prefix", out _) ? "WordPiece"
        : "";

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

        return new UnigramVocabulary(pieces, unknown, bytes).Build(
            added,
            Normalizer.Read(Step(root, "normalizer")),
            PreTokenizer.Read(Step(root, "pre_tokenizer"))
        );
    }

    private static TokenizerParts ReadWordPiece(JsonElement root, JsonElement model, AddedTokens added, TokenizerConfig config)
    {
        string Text(string name, string absent) =>
            model.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : absent;
        var longest = model.TryGetProperty("max_input_chars_per_word", out var number)
            ? number.GetInt32()
            : WordPieceVocabulary.UsualLongestWord;
        return new WordPieceVocabulary(
            ReadVocabulary(model.GetProperty("vocab")),
            Text("unk_token", WordPieceVocabulary.UsualUnknown),
            Text("continuing_subword_prefix", WordPieceVocabulary.UsualPrefix),
            longest
        ).Build(added, NormaliserOf(root, config), PreTokenizer.Read(Step(root, "pre_tokenizer")));
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
        var accents =
            step.TryGetProperty("strip_accents", out var stated) && stated.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? own.StripAccents
                : lower;
        return (
            own with
            {
                LowerCase = lower,
                StripAccents = config.StripAccents ?? accents,
                SplitChinese = config.SplitChinese ?? own.SplitChinese,
            }
        ).Apply;
    }

    private static PieceKind KindOf(string text, string? unknown, bool bytes) =>
        text == unknown ? PieceKind.Unknown
        : bytes && text.Length == 6 && text.StartsWith("<0x", StringComparison.Ordinal) && text[5] == '>' ? PieceKind.Byte
        : text is "<s>" or "</s>" or "<pad>" or "<bos>" or "<eos>" or "<mask>" ? PieceKind.Control
        : PieceKind.Normal;

    internal static bool HasLeadingSpace(JsonElement root) =>
        Parts(root, "normalizer", "normalizers").Any(part => TypeOf(part) == "Prepend")
        || Parts(root, "pre_tokenizer", "pretokenizers")
            .Any(part =>
                TypeOf(part) == "Metaspace"
                && (
                    part.TryGetProperty("prepend_scheme", out var scheme)
                        ? scheme.GetString() is not "never"
                        : !part.TryGetProperty("add_prefix_space", out var add) || add.ValueKind == JsonValueKind.True
                )
            );

    internal static JsonElement Step(JsonElement root, string name) => root.TryGetProperty(name, out var step) ? step : default;

    /// <summary>A step, or the steps of a sequence.</summary>
    internal static IEnumerable<JsonElement> Parts(JsonElement root, string name, string list)
    {
        if (!root.TryGetProperty(name, out var step) || step.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        return TypeOf(step) == "Sequence" ? step.GetProperty(list).EnumerateArray() : [step];
    }

    internal static AddedTokens ReadAddedTokens(JsonElement root)
    {
        var tokens = new AddedTokens();
        if (!root.TryGetProperty("added_tokens", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            return tokens;
        }

        foreach (var entry in list.EnumerateArray())
        {
            Limit(tokens.Special.Count + tokens.Ordinary.Count, "added tokens");
            bool Flag(string name, bool absent) => entry.TryGetProperty(name, out var flag) ? flag.GetBoolean() : absent;
            var (text, id) = (entry.GetProperty("content").GetString() ?? "", CheckedId(entry.GetProperty("id").GetInt32()));
            var special = Flag("special", true);
            tokens.Add(
                new(
                    text,
                    id,
                    Flag("single_word", false),
                    Flag("lstrip", false),
                    Flag("rstrip", false),
                    !special && Flag("normalized", true)
                ),
                special
            );
        }

        return tokens;
    }

    internal static int CheckedId(int id) =>
        id is >= 0 and < MaximumTokens
            ? id
            : throw new ModelFileException($"The tokenizer has a token id {id}, outside 0 to {MaximumTokens - 1}.");

    private static void Limit(int count, string what)
    {
        if (count >= MaximumTokens)
        {
            throw new ModelFileException($"The tokenizer has more than {MaximumTokens} {what}.");
        }
    }
}
