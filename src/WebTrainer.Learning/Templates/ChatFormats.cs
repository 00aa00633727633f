using System.Text.Json;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Templates;

/// <summary>Finds how a model wants its conversations.</summary>
public static class ChatFormats
{
    private const long MaxBytes = 4L << 20;
    private static readonly string[] s_tokens = ["bos_token", "eos_token", "pad_token", "unk_token"];

    /// <summary>
    /// The model's own chat template (<c>chat_template.jinja</c>, or in <c>tokenizer_config.json</c>); the given patterns where it has
    /// none.
    /// </summary>
    /// <param name="folder">The model's.</param>
    /// <param name="patterns">What to use where the model has no template.</param>
    /// <param name="tokenizer">The folder's own. Where the usual patterns are made of marks that it has no tokens for, headings stand in
    /// their place: spelled in pieces, marks would be learned as words.</param>
    /// <param name="apart">An encoder reads the prompt, which the usual patterns are not for: texts stand there as they are.</param>
    /// <exception cref="ModelFileException">The template can't be used; the message says why.</exception>
    public static IChatFormat Of(string folder, PromptTemplate patterns, TextTokenizer tokenizer, bool apart = false)
    {
        var (template, tokens) = Read(folder);
        if (template is null)
        {
            return patterns != PromptTemplate.Chat ? new PatternFormat(patterns)
                : apart ? new JoinedFormat()
                : new PatternFormat(HasMarks(tokenizer) ? patterns : PromptTemplate.Headings);
        }

        try
        {
            return new JinjaFormat(template, tokens, tokenizer.Controls);
        }
        catch (TemplateException exception)
        {
            throw new ModelFileException("The model's chat template can't be used: " + exception.Message, exception);
        }
    }

    /// <summary>The model's own template as it stands in its files; null where it has none.</summary>
    /// <exception cref="ModelFileException">A file is too large or no JSON.</exception>
    internal static string? TemplateOf(string folder) => Read(folder).Template;

    private static bool HasMarks(TextTokenizer tokenizer) =>
        new[] { PromptTemplate.Chat.AssistantPrefix, PromptTemplate.Chat.AssistantSuffix }.All(mark =>
            tokenizer.EncodeTemplate(mark) is [var id] && tokenizer.IsAdded(id)
        );

    private static (string? Template, Dictionary<string, string> Tokens) Read(string folder)
    {
        var (template, tokens) = ((string?)null, new Dictionary<string, string>(StringComparer.Ordinal));
        var config = Path.Combine(folder, TemplateFiles.ConfigFile);
        if (File.Exists(config))
        {
            using var document = Parse(config);
            template = TemplateIn(document.RootElement);
            foreach (var name in s_tokens)
            {
                if (TextOf(document.RootElement, name) is { } token)
                {
                    tokens[name] = token;
                }
            }
        }

        var file = Path.Combine(folder, TemplateFiles.OwnFile);
        if (File.Exists(file))
        {
            ModelFileException.ThrowIfTooLarge(file, MaxBytes);
            template = File.ReadAllText(file);
        }

        return (string.IsNullOrWhiteSpace(template) ? null : template, tokens);
    }

    private static JsonDocument Parse(string path)
    {
        ModelFileException.ThrowIfTooLarge(path, MaxBytes);
        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 32 });
        }
        catch (JsonException exception)
        {
            throw new ModelFileException("tokenizer_config.json is no JSON: " + exception.Message, exception);
        }
    }

    /// <summary>One template, or several by name, of which the one called default is meant.</summary>
    private static string? TemplateIn(JsonElement root) =>
        !root.TryGetProperty("chat_template", out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.ValueKind == JsonValueKind.Array
            ? value
                .EnumerateArray()
                .Where(entry =>
                    entry.ValueKind == JsonValueKind.Object && string.Equals(TextOf(entry, "name"), "default", StringComparison.Ordinal)
                )
                .Select(entry => TextOf(entry, "template"))
                .FirstOrDefault()
        : null;

    private static string? TextOf(JsonElement root, string name) =>
        !root.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.ValueKind == JsonValueKind.Object
        && value.TryGetProperty("content", out var content)
        && content.ValueKind == JsonValueKind.String
            ? content.GetString()
        : null;
}
