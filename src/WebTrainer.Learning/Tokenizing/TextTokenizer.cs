using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;
using WebTrainer.Learning.Models;

namespace WebTrainer.Learning.Tokenizing;

/// <summary>
/// Text to token ids and back. Text that users write can never become a control token: <see cref="Encode"/> spells
/// <c>&lt;|end|&gt;</c> as ordinary characters, and only <see cref="EncodeTemplate"/> reads it as the token.
/// </summary>
public sealed class TextTokenizer
{
    private readonly BpeTokenizer _bpe;
    private readonly IReadOnlyDictionary<string, int> _special;
    private readonly HashSet<int> _specialIds;
    private readonly Regex? _specialPattern;
    private readonly byte[]?[] _bytes;

    public TextTokenizer(TokenizerFile file)
    {
        _special = file.SpecialTokens;
        _specialIds = [.. file.SpecialTokens.Values];
        _specialPattern = _special.Count == 0 ? null
            : new Regex(string.Join('|', _special.Keys.OrderByDescending(token => token.Length).Select(Regex.Escape)), RegexOptions.None, WordPattern.MatchTimeout);
        _bytes = BuildBytes(file);
        _bpe = Build(file);
    }

    /// <summary>Number of ids, the highest plus one.</summary>
    public int Size => _bytes.Length;

    /// <summary>Ends an answer and a document.</summary>
    public int? EndId { get; private init; }

    public int? PaddingId { get; private init; }

    /// <summary>Stands before every sequence in models that were trained so; null in others.</summary>
    public int? BeginId { get; private init; }

    /// <param name="folder">A model's folder with <c>tokenizer.json</c> and perhaps <c>tokenizer_config.json</c>.</param>
    /// <exception cref="ModelFileException">A file is missing, too large or malformed.</exception>
    public static TextTokenizer Load(string folder)
    {
        var file = TokenizerFile.Read(Path.Combine(folder, "tokenizer.json"));
        var config = TokenizerConfig.Read(Path.Combine(folder, "tokenizer_config.json"));
        return new TextTokenizer(file)
        {
            EndId = Find(file, config.EndToken),
            PaddingId = Find(file, config.PaddingToken),
            BeginId = config.AddBegin ? Find(file, config.BeginToken) : null,
        };
    }

    /// <summary>Encodes text of users: every character is data.</summary>
    /// <exception cref="ModelFileException">The tokenizer's own split pattern takes too long.</exception>
    public IReadOnlyList<int> Encode(string text)
    {
        try
        {
            return text.Length == 0 ? [] : _bpe.EncodeToIds(text);
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw new ModelFileException("The tokenizer's split pattern takes too long on this text.", exception);
        }
    }

    /// <summary>Encodes a template's own text, in which special tokens are meant.</summary>
    public IReadOnlyList<int> EncodeTemplate(string text)
    {
        var ids = new List<int>();
        var end = 0;
        foreach (Match match in _specialPattern?.Matches(text) ?? Enumerable.Empty<Match>())
        {
            ids.AddRange(Encode(text[end..match.Index]));
            ids.Add(_special[match.Value]);
            end = match.Index + match.Length;
        }

        ids.AddRange(Encode(text[end..]));
        return ids;
    }

    /// <summary>The bytes a token stands for; a special token's are its name.</summary>
    public ReadOnlySpan<byte> BytesOf(int id) => (uint)id < (uint)_bytes.Length ? _bytes[id] : [];

    public bool IsSpecial(int id) => _specialIds.Contains(id);

    /// <summary>Text of ids without special tokens; bytes that are no UTF-8 become U+FFFD.</summary>
    public string Decode(IEnumerable<int> ids)
    {
        var bytes = new List<byte>();
        foreach (var id in ids.Where(id => !IsSpecial(id)))
        {
            bytes.AddRange(BytesOf(id));
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static int? Find(TokenizerFile file, string? token) =>
        token is not null && file.SpecialTokens.TryGetValue(token, out var id) ? id : null;

    private static byte[]?[] BuildBytes(TokenizerFile file)
    {
        var bytes = new byte[]?[1 + file.Vocabulary.Values.Concat(file.SpecialTokens.Values).Max()];
        foreach (var (token, id) in file.Vocabulary)
        {
            bytes[id] = ByteAlphabet.TryRead(token)
                ?? throw new ModelFileException($"Token {id} of the tokenizer is not in the byte alphabet.");
        }

        foreach (var (token, id) in file.SpecialTokens)
        {
            bytes[id] = Encoding.UTF8.GetBytes(token);
        }

        return bytes;
    }

    private static BpeTokenizer Build(TokenizerFile file)
    {
        try
        {
            return BpeTokenizer.Create(new BpeOptions(file.Vocabulary)
            {
                Merges = file.Merges,
                ByteLevel = true,
                PreTokenizer = new RegexPreTokenizer(WordPattern.Compile(file.Pattern), specialTokens: null),
            });
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new ModelFileException($"The tokenizer's tables contradict each other: {exception.Message}", exception);
        }
    }
}

/// <summary>The few entries of <c>tokenizer_config.json</c> that matter here.</summary>
internal sealed record TokenizerConfig(string? BeginToken, string? EndToken, string? PaddingToken, bool AddBegin)
{
    private const long MaximumBytes = 4L << 20;

    public static TokenizerConfig Read(string path)
    {
        if (!File.Exists(path))
        {
            return new(null, null, null, AddBegin: false);
        }

        ModelFileException.ThrowIfTooLarge(path, MaximumBytes);
        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = 32 });
            var root = document.RootElement;
            return new(Token(root, "bos_token"), Token(root, "eos_token"), Token(root, "pad_token"),
                root.TryGetProperty("add_bos_token", out var add) && add.ValueKind == JsonValueKind.True);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new ModelFileException($"tokenizer_config.json can't be read: {exception.Message}", exception);
        }
    }

    /// <summary>A token is written as text or as an object with its text in <c>content</c>.</summary>
    private static string? Token(JsonElement root, string name) =>
        !root.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.ValueKind == JsonValueKind.Object && value.TryGetProperty("content", out var content) ? content.GetString() : null;
}
