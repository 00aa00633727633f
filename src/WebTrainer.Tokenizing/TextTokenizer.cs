using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>
/// Text to token ids and back. Text that users write can never become a control token: <see cref="Encode"/> spells
/// <c>&lt;|end|&gt;</c> as ordinary characters, and only <see cref="EncodeTemplate"/> reads it as the token.
/// </summary>
public sealed class TextTokenizer
{
    private const long MaximumModelBytes = 32L << 20;
    private readonly TokenizerParts _parts;
    private readonly HashSet<int> _specialIds;
    private readonly Regex? _added, _special, _specialOrAdded;

    internal TextTokenizer(TokenizerParts parts)
    {
        _parts = parts;
        _specialIds = [.. parts.Special.Values];
        _added = PatternOf(parts.Added.Keys);
        _special = PatternOf(parts.Special.Keys);
        _specialOrAdded = PatternOf(parts.Special.Keys.Concat(parts.Added.Keys));
    }

    /// <summary>Number of ids, the highest plus one.</summary>
    public int Size => _parts.Bytes.Length;

    /// <summary>A space stands before every text; decoding takes it off again.</summary>
    public bool LeadingSpace => _parts.LeadingSpace;

    /// <summary>Ends an answer and a document.</summary>
    public int? EndId { get; internal init; }

    public int? PaddingId { get; internal init; }

    /// <summary>Stands before every sequence in models that were trained so; null in others.</summary>
    public int? BeginId { get; internal init; }

    /// <summary>Stands before a text that an encoder reads; null in tokenizers of decoders.</summary>
    public int? ClassifierId { get; internal init; }

    /// <summary>Stands after a text that an encoder reads; null in tokenizers of decoders.</summary>
    public int? SeparatorId { get; internal init; }

    /// <param name="folder">A model's folder with <c>tokenizer.json</c>, <c>tokenizer.model</c>, or <c>vocab.json</c> and <c>merges.txt</c>, and perhaps <c>tokenizer_config.json</c>.</param>
    /// <exception cref="ModelFileException">A file is missing, too large or malformed.</exception>
    public static TextTokenizer Load(string folder)
    {
        var parts = ReadParts(folder);
        var config = TokenizerConfig.Read(Path.Combine(folder, "tokenizer_config.json"));
        int? Find(string? token) => token is not null && parts.Special.TryGetValue(token, out var id) ? id : null;
        return new TextTokenizer(parts)
        {
            EndId = Find(config.EndToken) ?? Find("<|endoftext|>") ?? Find("</s>"),
            PaddingId = Find(config.PaddingToken),
            BeginId = config.AddBegin ? Find(config.BeginToken) : null,
            ClassifierId = Find(config.ClassifierToken) ?? Find("[CLS]"),
            SeparatorId = Find(config.SeparatorToken) ?? Find("[SEP]"),
        };
    }

    /// <summary>Encodes text of users: every character is data.</summary>
    /// <exception cref="ModelFileException">The tokenizer's own split pattern takes too long.</exception>
    public IReadOnlyList<int> Encode(string text) => Encode(text, _added, _parts.Added);

    public EncoderInput Encode(string text, string? pair, int maximumTokens)
    {
        var ids = Encode(text);
        var kept = ids.Take(maximumTokens - 2).ToArray();
        int[] all = [ClassifierId!.Value, .. kept, SeparatorId!.Value];
        return new(all, new int[all.Length], ids.Count > kept.Length);
    }

    /// <summary>Tokens of a text of users.</summary>
    /// <exception cref="ModelFileException">The tokenizer's own split pattern takes too long.</exception>
    public int Count(string text) => Encode(text).Count;

    /// <summary>Encodes a template's own text, in which special tokens are meant.</summary>
    public IReadOnlyList<int> EncodeTemplate(string text) => Encode(text, _specialOrAdded, _parts.Special);

    /// <summary>
    /// Encodes stretches that stand one behind the other. Only the template's own text can hold special tokens; between two of them all text is
    /// encoded in one, as if nobody had parted it.
    /// </summary>
    public IReadOnlyList<int> Encode(IEnumerable<(string Text, bool IsTemplate)> pieces)
    {
        var (ids, run) = (new List<int>(), new StringBuilder());
        foreach (var (text, isTemplate) in pieces)
        {
            var end = 0;
            foreach (Match match in (isTemplate ? _special?.Matches(text) : null) ?? Enumerable.Empty<Match>())
            {
                run.Append(text, end, match.Index - end);
                ids.AddRange(Encode(run.ToString()));
                run.Clear();
                ids.Add(_parts.Special[match.Value]);
                end = match.Index + match.Length;
            }

            run.Append(text, end, text.Length - end);
        }

        ids.AddRange(Encode(run.ToString()));
        return ids;
    }

    private List<int> Encode(string text, Regex? whole, IReadOnlyDictionary<string, int> tokens)
    {
        var ids = new List<int>();
        try
        {
            var end = 0;
            foreach (Match match in whole?.Matches(text) ?? Enumerable.Empty<Match>())
            {
                ids.AddRange(Cut(text[end..match.Index]));
                ids.Add(tokens.TryGetValue(match.Value, out var id) ? id : _parts.Added[match.Value]);
                end = match.Index + match.Length;
            }

            ids.AddRange(Cut(text[end..]));
            return ids;
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw new ModelFileException("The tokenizer's split pattern takes too long on this text.", exception);
        }
    }

    private IReadOnlyList<int> Cut(string text) => text.Length == 0 ? []
        : _parts.Engine is BertTokenizer bert ? bert.EncodeToIds(text, addSpecialTokens: false)
        : _parts.Engine.EncodeToIds(text);

    /// <summary>The bytes a token stands for; a special token's are its name.</summary>
    public ReadOnlySpan<byte> BytesOf(int id) => (uint)id < (uint)_parts.Bytes.Length ? _parts.Bytes[id] : [];

    public bool IsSpecial(int id) => _specialIds.Contains(id);

    /// <summary>Text of ids without special tokens; bytes that are no UTF-8 become U+FFFD.</summary>
    public string Decode(IEnumerable<int> ids)
    {
        var bytes = new List<byte>();
        foreach (var id in ids.Where(id => !IsSpecial(id)))
        {
            bytes.AddRange(BytesOf(id));
        }

        var text = Encoding.UTF8.GetString([.. bytes]);
        return LeadingSpace && text.StartsWith(' ') ? text[1..] : text;
    }

    private static TokenizerParts ReadParts(string folder)
    {
        string File(string name) => Path.Combine(folder, name);
        try
        {
            if (!System.IO.File.Exists(File("tokenizer.json")) && System.IO.File.Exists(File("tokenizer.model")))
            {
                ModelFileException.ThrowIfTooLarge(File("tokenizer.model"), MaximumModelBytes);
                return SentencePieceVocabulary.Read(System.IO.File.ReadAllBytes(File("tokenizer.model"))).Build(new AddedTokens());
            }

            return !System.IO.File.Exists(File("tokenizer.json")) && System.IO.File.Exists(File("vocab.json"))
                ? ByteLevelVocabulary.Read(File("vocab.json"), File("merges.txt"))
                : TokenizerFile.Read(File("tokenizer.json"));
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException or InvalidDataException
            or FormatException or KeyNotFoundException or IndexOutOfRangeException or NullReferenceException)
        {
            // Tables that contradict each other fail somewhere inside the library, each in its own way.
            throw new ModelFileException($"The tokenizer's files can't be read: {exception.Message}", exception);
        }
    }

    private static Regex? PatternOf(IEnumerable<string> tokens)
    {
        var pattern = string.Join('|', tokens.Where(token => token.Length > 0).OrderByDescending(token => token.Length).Select(Regex.Escape));
        return pattern.Length == 0 ? null : new Regex(pattern, RegexOptions.None, WordPattern.MatchTimeout);
    }
}

/// <summary>The few entries of <c>tokenizer_config.json</c> that matter here.</summary>
internal sealed record TokenizerConfig(string? BeginToken, string? EndToken, string? PaddingToken, string? ClassifierToken, string? SeparatorToken, bool AddBegin)
{
    private const long MaximumBytes = 4L << 20;

    public static TokenizerConfig Read(string path)
    {
        if (!File.Exists(path))
        {
            return new(null, null, null, null, null, AddBegin: false);
        }

        ModelFileException.ThrowIfTooLarge(path, MaximumBytes);
        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = 32 });
            var root = document.RootElement;
            return new(Token(root, "bos_token"), Token(root, "eos_token"), Token(root, "pad_token"), Token(root, "cls_token"), Token(root, "sep_token"),
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
