using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>
/// Text to token ids and back. Text that users write can never become a control token: <see cref="Encode(string)"/> spells
/// <c>&lt;|end|&gt;</c> as ordinary characters, and only <see cref="EncodeTemplate"/> reads it as the token.
/// </summary>
public sealed class TextTokenizer
{
    private const long MaximumModelBytes = 32L << 20;
    private readonly TokenizerParts _parts;
    private readonly HashSet<int> _specialIds,
        _addedIds;
    private readonly AddedTokenFinder _raw,
        _normalised,
        _rawOrSpecial,
        _special;

    internal TextTokenizer(TokenizerParts parts)
    {
        _parts = parts;
        (_specialIds, _addedIds) = ([.. parts.Special.Values], [.. parts.Added.Values]);
        var raw = parts.Tokens.Where(token => !token.Normalized).ToList();
        _raw = new(raw);
        _normalised = new(parts.Tokens.Where(token => token.Normalized).Select(token => token with { Text = parts.Normalise(token.Text) }));
        var special = parts
            .Control.Concat(parts.Special.Select(pair => new AddedToken(pair.Key, pair.Value)))
            .DistinctBy(token => token.Text)
            .ToList();
        _rawOrSpecial = new([.. special, .. raw]);
        _special = new(special);
    }

    /// <summary>Number of ids, the highest plus one.</summary>
    public int Size => _parts.Bytes.Length;

    /// <summary>A space stands before every text; decoding takes it off again.</summary>
    public bool LeadingSpace => _parts.LeadingSpace;

    /// <summary>Ends an answer and a document; null where the files name none.</summary>
    public int? EndId { get; internal init; }

    /// <summary>Fills rows of a batch up; null where the files name none.</summary>
    public int? PaddingId { get; internal init; }

    /// <summary>Stands before every sequence in models that were trained so; null in others.</summary>
    public int? BeginId { get; internal init; }

    /// <summary>Its files say which marks stand around a text that is read as a whole.</summary>
    public bool ReadsForEncoder => Template is not null;

    private EncoderTemplate? Template { get; init; }

    /// <param name="folder">
    /// A model's folder with <c>tokenizer.json</c>, <c>tokenizer.model</c>, <c>spiece.model</c>, <c>sentencepiece.bpe.model</c>,
    /// <c>vocab.txt</c>, or <c>vocab.json</c> and <c>merges.txt</c>, and perhaps <c>tokenizer_config.json</c>. Where there are several, the
    /// first of these is read.
    /// </param>
    /// <exception cref="ModelFileException">A file is missing, too large or malformed.</exception>
    public static TextTokenizer Load(string folder)
    {
        var config = TokenizerConfig.Read(folder);
        var parts = ReadParts(folder, config);
        var roberta = config.Class is "RobertaTokenizer" or "XLMRobertaTokenizer" or "CamembertTokenizer" or "MPNetTokenizer";
        int? Find(string? token) =>
            token is not null && (parts.Special.TryGetValue(token, out var id) || parts.Added.TryGetValue(token, out id)) ? id : null;
        return new TextTokenizer(parts)
        {
            EndId = Find(config.EndToken) ?? Find("<|endoftext|>") ?? Find("</s>"),
            PaddingId = Find(config.PaddingToken),
            BeginId = config.AddBegin is { } adds
                ? adds
                    ? Find(config.BeginToken)
                    : null
                : parts.Template?.Begin,
            Template =
                parts.Template
                ?? TemplateOf(
                    Find(config.ClassifierToken ?? "[CLS]"),
                    Find(config.SeparatorToken ?? "[SEP]"),
                    (config.ClassifierToken ?? "[CLS]") == "<s>"
                )
                ?? (roberta ? TemplateOf(Find("<s>"), Find("</s>"), roberta: true) : null),
        };
    }

    /// <summary>Encodes text of users: every character is data.</summary>
    /// <exception cref="ModelFileException">The tokenizer's own split pattern takes too long.</exception>
    public IReadOnlyList<int> Encode(string text) => Encode(text, _raw);

    /// <summary>
    /// A text, or two of which one is judged beside the other, as an encoder reads them: between the marks that it was trained with.
    /// </summary>
    /// <param name="maximumTokens">Tokens at most, marks among them; of two texts the longer loses its end first.</param>
    /// <exception cref="ModelFileException">The tokenizer has no such marks, or its own split pattern takes too long.</exception>
    public EncoderInput Encode(string text, string? pair, int maximumTokens) =>
        RequireTemplate().Fill(Encode(text), pair is null ? null : Encode(pair), maximumTokens);

    /// <summary>Marks that <see cref="Encode(string, string?, int)"/> puts around one text, or around and between two.</summary>
    /// <exception cref="ModelFileException">The tokenizer has no such marks.</exception>
    public int MarkCount(bool pair) => RequireTemplate().MarkCount(pair);

    /// <summary>Tokens of a text of users.</summary>
    /// <exception cref="ModelFileException">The tokenizer's own split pattern takes too long.</exception>
    public int Count(string text) => Encode(text).Count;

    /// <summary>Encodes a template's own text, in which special tokens are meant.</summary>
    public IReadOnlyList<int> EncodeTemplate(string text) => Encode(text, _rawOrSpecial);

    /// <summary>
    /// Encodes stretches that stand one behind the other. Only the template's own text can hold special tokens; between two of them all
    /// text is encoded in one, as if nobody had parted it.
    /// </summary>
    public IReadOnlyList<int> Encode(IEnumerable<(string Text, bool IsTemplate)> pieces)
    {
        var (ids, run, trims) = (new List<int>(), new StringBuilder(), false);
        foreach (var (text, isTemplate) in pieces)
        {
            foreach (var (stretch, token) in isTemplate ? _special.Find(text) : [(text, null)])
            {
                if (token is null)
                {
                    run.Append(stretch);
                    continue;
                }

                ids.AddRange(Encode(Trimmed(run, trims, token.TakesLeft)));
                ids.Add(token.Id);
                run.Clear();
                trims = token.TakesRight;
            }
        }

        ids.AddRange(Encode(Trimmed(run, trims, end: false)));
        return ids;
    }

    /// <summary>White space that a control token takes is no part of the text beside it, whoever wrote it.</summary>
    private static string Trimmed(StringBuilder run, bool begin, bool end)
    {
        var text = run.ToString();
        text = begin ? text.TrimStart() : text;
        return end ? text.TrimEnd() : text;
    }

    private EncoderTemplate RequireTemplate() =>
        Template ?? throw new ModelFileException("The tokenizer has no [CLS] and [SEP], between which an encoder reads a text.");

    /// <summary>Tokens are found first in the text as it is, then in what is between them as it is normalised.</summary>
    private List<int> Encode(string text, AddedTokenFinder finder)
    {
        var (ids, first) = (new List<int>(), true);
        try
        {
            foreach (var (stretch, token) in finder.Split(UnicodeText.Valid(text)))
            {
                foreach (var (part, found) in token is null ? _normalised.Split(_parts.Normalise(stretch)) : [(stretch, token)])
                {
                    ids.AddRange(found is { } id ? [id] : _parts.Words(part, first).SelectMany(_parts.Cut));
                    first = false;
                }
            }

            return ids;
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw new ModelFileException("The tokenizer's split pattern takes too long on this text.", exception);
        }
    }

    /// <summary>The bytes a token stands for; a special token's are its name.</summary>
    public ReadOnlySpan<byte> BytesOf(int id) => (uint)id < (uint)_parts.Bytes.Length ? _parts.Bytes[id] : [];

    /// <summary>Whether it is a control token, which <see cref="Decode"/> leaves out. False for ids beyond the vocabulary.</summary>
    public bool IsSpecial(int id) => _specialIds.Contains(id);

    /// <summary>Texts of the control tokens.</summary>
    public IEnumerable<string> Controls => _parts.Special.Keys;

    /// <summary>It stands beside the vocabulary: a control token, or text that is always one token.</summary>
    public bool IsAdded(int id) => _specialIds.Contains(id) || _addedIds.Contains(id);

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

    /// <summary>Text of all ids, control tokens among them: what a model was given, for people to read.</summary>
    public string DecodeWhole(IEnumerable<int> ids)
    {
        var bytes = new List<byte>();
        foreach (var id in ids)
        {
            bytes.AddRange(BytesOf(id));
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static TokenizerParts ReadParts(string folder, TokenizerConfig config)
    {
        string File(string name) => Path.Combine(folder, name);
        bool Has(string name) => System.IO.File.Exists(File(name));
        try
        {
            return Has("tokenizer.json") ? TokenizerFile.Read(File("tokenizer.json"), config)
                : Has("tokenizer.model") ? SentencePieceVocabulary.Read(ReadModel(File("tokenizer.model"))).Build(new AddedTokens())
                : Has("spiece.model") ? SentencePieceVocabulary.Read(ReadModel(File("spiece.model"))).Build(new AddedTokens())
                : Has(FairseqVocabulary.FileName)
                    ? FairseqVocabulary.Build(SentencePieceVocabulary.Read(ReadModel(File(FairseqVocabulary.FileName))))
                : Has(VocabularyText.FileName) ? VocabularyText.Read(File(VocabularyText.FileName), config)
                : Has("vocab.json") ? ByteLevelVocabulary.Read(File("vocab.json"), File("merges.txt"), config)
                : TokenizerFile.Read(File("tokenizer.json"), config);
        }
        catch (Exception exception)
            when (exception
                    is JsonException
                        or ArgumentException
                        or InvalidOperationException
                        or InvalidDataException
                        or FormatException
                        or KeyNotFoundException
                        or IndexOutOfRangeException
                        or NullReferenceException
            )
        {
            // Tables that contradict each other fail somewhere inside the library, each in its own way.
            throw new ModelFileException($"The tokenizer's files can't be read: {exception.Message}", exception);
        }
    }

    private static byte[] ReadModel(string path)
    {
        ModelFileException.ThrowIfTooLarge(path, MaximumModelBytes);
        return File.ReadAllBytes(path);
    }

    /// <summary>Where no file states a template, the marks' names tell which family's it is.</summary>
    private static EncoderTemplate? TemplateOf(int? before, int? after, bool roberta) =>
        (before, after) is ({ } first, { } last)
            ? roberta
                ? EncoderTemplate.Roberta(first, last)
                : EncoderTemplate.Bert(first, last)
            : null;
}
