using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>
/// The entries of <c>tokenizer_config.json</c> (and of <c>special_tokens_map.json</c>, where the first lacks a token) that matter here.
/// </summary>
internal sealed record TokenizerConfig
{
    public const string FileName = "tokenizer_config.json";
    private const string MapName = "special_tokens_map.json";
    private const long MaximumBytes = 4L << 20;

    /// <summary>The tokenizer's kind as transformers names it, without a trailing <c>Fast</c>; null where the folder doesn't say.</summary>
    public string? Class { get; private init; }

    public string? BeginToken { get; private init; }
    public string? EndToken { get; private init; }
    public string? PaddingToken { get; private init; }
    public string? ClassifierToken { get; private init; }
    public string? SeparatorToken { get; private init; }
    public string? UnknownToken { get; private init; }
    public string? MaskToken { get; private init; }

    /// <summary>Whether the begin token stands before a text; null where the file leaves it to the tokenizer's post-processor.</summary>
    public bool? AddBegin { get; private init; }

    /// <summary>Null where the file doesn't say, as with the other choices of how a text is written.</summary>
    public bool? LowerCase { get; private init; }

    public bool? StripAccents { get; private init; }
    public bool? SplitChinese { get; private init; }
    public bool? AddPrefixSpace { get; private init; }

    /// <exception cref="ModelFileException">A file is too large or malformed.</exception>
    public static TokenizerConfig Read(string folder)
    {
        var (root, map) = (ReadObject(folder, FileName), ReadObject(folder, MapName));
        string? Token(string name) => TokenOf(root, name) ?? TokenOf(map, name);
        var type = Text(root, "tokenizer_class");
        return new()
        {
            Class = type is { } name && name.EndsWith("Fast", StringComparison.Ordinal) ? name[..^"Fast".Length] : type,
            BeginToken = Token("bos_token"),
            EndToken = Token("eos_token"),
            PaddingToken = Token("pad_token"),
            ClassifierToken = Token("cls_token"),
            SeparatorToken = Token("sep_token"),
            UnknownToken = Token("unk_token"),
            MaskToken = Token("mask_token"),
            AddBegin = Flag(root, "add_bos_token"),
            LowerCase = Flag(root, "do_lower_case"),
            StripAccents = Flag(root, "strip_accents"),
            SplitChinese = Flag(root, "tokenize_chinese_chars"),
            AddPrefixSpace = Flag(root, "add_prefix_space"),
        };
    }

    private static JsonElement ReadObject(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            return default;
        }

        ModelFileException.ThrowIfTooLarge(path, MaximumBytes);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 32 });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new ModelFileException($"{name} is no JSON object.");
        }
        catch (JsonException exception)
        {
            throw new ModelFileException($"{name} can't be read: {exception.Message}", exception);
        }
    }

    private static bool? Flag(JsonElement root, string name) =>
        Property(root, name).ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        };

    private static string? Text(JsonElement root, string name) =>
        Property(root, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>A token is written as text or as an object with its text in <c>content</c>.</summary>
    private static string? TokenOf(JsonElement root, string name) => Text(root, name) ?? Text(Property(root, name), "content");

    private static JsonElement Property(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value) ? value : default;
}
