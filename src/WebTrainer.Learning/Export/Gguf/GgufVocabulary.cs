using System.Text.Json;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Templates;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Export;

/// <summary>A tokenizer as <c>tokenizer.ggml.*</c> has it.</summary>
internal sealed class GgufVocabulary
{
    private const string FileName = "tokenizer.json";
    private const long MaximumBytes = 128L << 20;
    private readonly string[] _tokens;
    private readonly int[] _kinds;
    private readonly GgufPieces _pieces;
    private readonly TextTokenizer _tokenizer;
    private readonly int? _begin;
    private readonly IReadOnlyList<int> _ends;
    private readonly string? _template;

    /// <param name="folder">The model's.</param>
    /// <param name="rows">Of its embedding; ids beyond the tokenizer's are filled up.</param>
    /// <param name="encoder">For the ends of answers.</param>
    /// <param name="made">Chat template of a model that has none of its own; null for none.</param>
    /// <exception cref="ModelFileException">llama.cpp would read texts otherwise with it.</exception>
    public GgufVocabulary(string folder, int rows, ConversationEncoder encoder, string? made)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new ModelFileException($"The model can't be written as GGUF: its folder has no {FileName}.");
        }

        ModelFileException.ThrowIfTooLarge(path, MaximumBytes);
        using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 32 });
        var (root, config) = (document.RootElement, TokenizerConfig.Read(folder));
        var added = TokenizerFile.ReadAddedTokens(root);
        _pieces = GgufPieces.Read(root, config, added);
        var vocabulary = TokenizerFile.ReadVocabulary(root.GetProperty("model").GetProperty("vocab"));
        added.TakeIdsFrom(vocabulary);
        (_tokens, _kinds) = Fill(vocabulary, added, rows);
        _tokenizer = encoder.Tokenizer;
        _begin = config.BeginToken is { } begin && added.Special.TryGetValue(begin, out var id) ? id : _tokenizer.BeginId;
        _ends = [.. encoder.EndIds];
        _template = ChatFormats.TemplateOf(folder) ?? made;
    }

    /// <summary>Tokens, filled up to the rows of the embedding.</summary>
    public int Count => _tokens.Length;

    /// <summary>The tokenizer brings texts to NFC before it cuts them, and llama.cpp doesn't.</summary>
    public bool ComposesText => _pieces.ComposesText;

    /// <summary>The file gets a chat template: the model's own, or the one it was tuned by.</summary>
    public bool HasTemplate => _template is not null;

    /// <summary>What ends an answer, as text.</summary>
    public IEnumerable<string> Ends => _ends.Select(id => _tokens[id]);

    public void WriteTo(GgufMetadata metadata)
    {
        _pieces.WriteTo(metadata, _tokens);
        metadata.Add("tokenizer.ggml.tokens", _tokens);
        metadata.Add("tokenizer.ggml.token_type", _kinds);
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

    private (string[] Tokens, int[] Kinds) Fill(Dictionary<string, int> vocabulary, AddedTokens added, int rows)
    {
        var (tokens, kinds) = (new string[rows], new int[rows]);
        foreach (
            var (list, kind) in ((Dictionary<string, int>, GgufTokenKind)[])
                [(vocabulary, GgufTokenKind.Normal), (added.Ordinary, GgufTokenKind.UserDefined), (added.Special, GgufTokenKind.Control)]
        )
        {
            foreach (var (text, id) in list)
            {
                tokens[Within(id, rows)] = text;
                kinds[id] = (int)(kind == GgufTokenKind.Normal ? _pieces.KindOf(text) : kind);
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
}

/// <summary>Kinds of tokens, as the format numbers them.</summary>
internal enum GgufTokenKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}
