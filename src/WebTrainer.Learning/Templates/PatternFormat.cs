using WebTrainer.Learning.Batching;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Templates;

/// <summary>A pattern a role, one after the other.</summary>
public sealed class PatternFormat(PromptTemplate template) : IChatFormat
{
    private const string Placeholder = "{content}";

    /// <summary>Never: patterns are text without a begin.</summary>
    public bool WritesBegin => false;

    /// <inheritdoc/>
    public IReadOnlyList<TextPiece> Prompt(IReadOnlyList<ChatMessage> messages) =>
        [.. messages.SelectMany(PiecesOf), new TextPiece(template.AssistantPrefix, IsTemplate: true)];

    /// <inheritdoc/>
    public IReadOnlyList<TextPiece> Whole(IReadOnlyList<ChatMessage> messages) =>
        [.. Prompt([.. messages.SkipLast(1)]), .. Answer(messages[^1].Content)];

    /// <summary>The answer and the pattern's <see cref="PromptTemplate.AssistantSuffix"/>.</summary>
    public IReadOnlyList<TextPiece> Answer(string content) =>
        [new(content, IsTemplate: false), new(template.AssistantSuffix, IsTemplate: true)];

    /// <inheritdoc/>
    public string ToJinja(bool begins) =>
        (begins ? "{{ bos_token }}" : "")
        + "{% for message in messages %}"
        + $"{{% if message['role'] == 'system' %}}{Filled(template.System)}"
        + $"{{% elif message['role'] == 'user' %}}{Filled(template.User)}"
        + $"{{% elif message['role'] == 'assistant' %}}{Filled(template.AssistantPrefix + Placeholder + template.AssistantSuffix)}"
        + "{% else %}{{ raise_exception('The roles are system, user and assistant.') }}{% endif %}{% endfor %}"
        + $"{{% if add_generation_prompt %}}{{{{ {Literal(template.AssistantPrefix)} }}}}{{% endif %}}";

    private static string Filled(string pattern)
    {
        var parts = pattern.Split(Placeholder, 2);
        return parts is [var before, var behind]
            ? $"{{{{ {Literal(before)} + message['content'] + {Literal(behind)} }}}}"
            : $"{{{{ {Literal(pattern)} }}}}";
    }

    private static string Literal(string text) =>
        "'"
        + text.Replace("\\", @"\\", StringComparison.Ordinal)
            .Replace("'", @"\'", StringComparison.Ordinal)
            .Replace("\n", @"\n", StringComparison.Ordinal)
        + "'";

    private IEnumerable<TextPiece> PiecesOf(ChatMessage message) =>
        message.Role switch
        {
            "system" => Fill(template.System, message.Content),
            "user" => Fill(template.User, message.Content),
            "assistant" => [new(template.AssistantPrefix, IsTemplate: true), .. Answer(message.Content)],
            _ => throw new DataException($"The role '{message.Role}' is not known; system, user and assistant are."),
        };

    private static IEnumerable<TextPiece> Fill(string pattern, string content)
    {
        var at = pattern.IndexOf(Placeholder, StringComparison.Ordinal);
        return at < 0
            ? [new(pattern, IsTemplate: true)]
            :
            [
                new(pattern[..at], IsTemplate: true),
                new(content, IsTemplate: false),
                new(pattern[(at + Placeholder.Length)..], IsTemplate: true),
            ];
    }
}
