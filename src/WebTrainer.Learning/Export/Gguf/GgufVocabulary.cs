using System.Text.Json;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Templates;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Export;

/// <summary>A byte-level tokenizer as <c>tokenizer.ggml.*</c> has it.</summary>
internal sealed class GgufVocabulary
{
    private const string FileName = "tokenizer.json";
    private const long MaximumBytes = 128L << 20;
    private readonly string[] _tokens;
    private readonly int[] _kinds;
    private readonly List<string> _merges;
    private readonly string _cutting;
    private readonly TextTokenizer _tokenizer;
    private readonly int? _begin;
    private readonly IReadOnlyList<int> _ends;
    private readonly string? _template;

    /// <param name="folder">The model's.</param>
    /// <param name="rows">Of its embedding; ids beyond the tokenizer's are filled up.</param>
    /// <param name="encoder">For the ends of answers.</param>
    /// <exception cref="ModelFileException">llama.cpp would read texts otherwise with it.</exception>
    public GgufVocabulary(string folder, int rows, ConversationEncoder encoder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new ModelFileException($"The model can't be written as GGUF: its folder has no {FileName}.");
        }

        ModelFileException.ThrowIfTooLarge(path, MaximumBytes);
        using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 32 });
        var (root, config) = (document.RootElement, TokenizerConfig.Read(folder));
        var model = root.GetProperty("model");
        RefuseOthers(root, model);
        _cutting = PreTokenizerName.Of(root, Flag(model, "ignore_merges"), config.AddPrefixSpace);
        var added = TokenizerFile.ReadAddedTokens(root);
        var vocabulary = TokenizerFile.ReadVocabulary(model.GetProperty("vocab"));
        added.TakeIdsFrom(vocabulary);
        (_tokens, _kinds) = Fill(vocabulary, added, rows);
        _merges =
        [
            .. BpeFile
                .ReadMerges(model.GetProperty("merges"))
                .Where(merge => !new[] { merge.Left, merge.Right, merge.Left + merge.Right }.Any(added.Special.ContainsKey))
                .Select(merge => $"{merge.Left} {merge.Right}"),
        ];
        _tokenizer = encoder.Tokenizer;
        _begin = config.BeginToken is { } begin && added.Special.TryGetValue(begin, out var id) ? id : _tokenizer.BeginId;
        _ends = [.. encoder.EndIds];
        _template = ChatFormats.TemplateOf(folder);
        ComposesText = TokenizerFile.Parts(root, "normalizer", "normalizers").Any();
    }

    /// <summary>Tokens, filled up to the rows of the embedding.</summary>
    public int Count => _tokens.Length;

    /// <summary>The tokenizer brings texts to NFC before it cuts them, and llama.cpp doesn't.</summary>
    public bool ComposesText { get; }

    /// <summary>The model has a chat template of its own, which the file gets.</summary>
    public bool HasTemplate => _template is not null;

    /// <summary>What ends an answer, as text.</summary>
    public IEnumerable<string> Ends => _ends.Select(id => _tokens[id]);

    public void WriteTo(GgufMetadata metadata)
    {
        metadata.Add("tokenizer.ggml.model", "gpt2");
        metadata.Add("tokenizer.ggml.pre", _cutting);
        metadata.Add("tokenizer.ggml.tokens", _tokens);
        metadata.Add("tokenizer.ggml.token_type", _kinds);
        metadata.Add("tokenizer.ggml.merges", _merges);
        // Without a key llama.cpp takes token 11 for begin and end.
        var end =
            _tokenizer.EndId
            ?? throw new ModelFileException("The model can't be written as GGUF: its tokenizer names no end token (eos_token).");
        metadata.Add("tokenizer.ggml.bos_token_id", (uint)(_begin ?? end));
        metadata.Add("tokenizer.ggml.eos_token_id", (uint)end);
        if (_ends.Where(id => id != end).Cast<int?>().FirstOrDefault() is { } turn)
        {
            metadata.Add("tokenizer.ggml.eot_token_id", (uint)turn);
        }

        if (_tokenizer.PaddingId is { } padding)
        {
            metadata.Add("tokenizer.ggml.padding_token_id", (uint)padding);
        }

        metadata.Add("tokenizer.ggml.add_bos_token", _tokenizer.BeginId is not null);
        metadata.Add("tokenizer.ggml.add_eos_token", false);
        if (_template is not null)
        {
            metadata.Add("tokenizer.chat_template", _template);
        }
    }

    private static (string[] Tokens, int[] Kinds) Fill(Dictionary<string, int> vocabulary, AddedTokens added, int rows)
    {
        var (tokens, kinds) = (new string[rows], new int[rows]);
        foreach (
            var (list, kind) in ((Dictionary<string, int>, GgufTokenKind)[])
                [(vocabulary, GgufTokenKind.Normal), (added.Ordinary, GgufTokenKind.UserDefined), (added.Special, GgufTokenKind.Control)]
        )
        {
            foreach (var (text, id) in list)
            {
                (tokens[Within(id, rows)], kinds[id]) = (text, (int)kind);
            }
        }

        for (var id = 0; id < rows; id++)
        {
            if (tokens[id] is null)
            {
                (tokens[id], kinds[id]) = ($"[UNUSED_ROW_{id}]", (int)GgufTokenKind.Unused);
            }
        }

        return (tokens, kinds);
    }

    private static int Within(int id, int rows) =>
        id < rows ? id : throw new ModelFileException($"The tokenizer has a token {id}, and the model's embedding {rows} rows.");

    private static void RefuseOthers(JsonElement root, JsonElement model)
    {
        string? reason =
            TokenizerFile.TypeOf(model) is var type && type != "BPE" ? $"is {type}; only byte-level BPE is written so far"
            : !BpeFile.IsOverBytes(root) ? "is BPE over characters, as SentencePiece has it; only byte-level BPE is written so far"
            : BpeFile.Text(model, "continuing_subword_prefix").Length > 0 ? "marks pieces within words"
            : BpeFile.Text(model, "end_of_word_suffix").Length > 0 ? "marks the ends of words"
            : Flag(model, "byte_fallback") ? "falls back to bytes (byte_fallback)"
            : TokenizerFile.Parts(root, "normalizer", "normalizers").FirstOrDefault(part => TokenizerFile.TypeOf(part) != "NFC")
                is { ValueKind: JsonValueKind.Object } step
                ? $"changes texts before it cuts them ({TokenizerFile.TypeOf(step)})"
            : Sided(root) is { } token ? $"has a token, '{token}', that takes the white space beside it or stands alone"
            : null;
        if (reason is not null)
        {
            throw new ModelFileException($"The model can't be written as GGUF: its tokenizer {reason}.");
        }
    }

    private static string? Sided(JsonElement root)
    {
        var added = TokenizerFile.ReadAddedTokens(root);
        return added.All.Concat(added.Control).FirstOrDefault(token => token.SingleWord || token.TakesLeft || token.TakesRight)?.Text;
    }

    private static bool Flag(JsonElement model, string name) =>
        model.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}

/// <summary>Kinds of tokens, as the format numbers them.</summary>
internal enum GgufTokenKind
{
    Normal = 1,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
}
