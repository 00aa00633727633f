using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Import;

/// <summary>Makes canonical rows of a file's records.</summary>
internal sealed class RowMapper(ColumnMapping mapping, string fileSha256, ImportLimits limits)
{
    /// <exception cref="BrokenRowException">The record lacks a part, or a part is no text.</exception>
    public IEnumerable<CanonicalRow> Map(long line, SourceFields fields) => mapping.Shape switch
    {
        DataShape.Label => [Classified(line, fields)],
        DataShape.PromptCompletion => [Answered(line, 0, fields, fields)],
        DataShape.Alpaca => Instances(fields).Select((instance, i) => Answered(line, i, fields, instance)),
        DataShape.ShareGpt => [Conversation(line, fields, "from", "value")],
        DataShape.Chat => [Conversation(line, fields, "role", "content")],
        _ => throw new InvalidOperationException($"Unknown shape {mapping.Shape}."),
    };

    private CanonicalRow Classified(long line, SourceFields fields)
    {
        var text = Required(fields, mapping.Text!);
        var prompt = mapping.Instruction.Length == 0 ? text : $"{mapping.Instruction}\n\n{text}";
        var label = Answer(fields, mapping.Label)?.Trim();
        if (mapping.LabelsAsWords) label = label?.Replace('_', ' ');
        return CanonicalRow.Create(Id(line), line, Optional(fields, mapping.System), prompt, label, label);
    }

    private CanonicalRow Answered(long line, int ordinal, SourceFields fields, SourceFields instance)
    {
        var prompt = Required(fields, mapping.Prompt!);
        var input = Optional(instance, mapping.Input);
        if (input is not null) prompt = $"{prompt}\n\n{input}";
        return CanonicalRow.Create(
            Id(line, ordinal), line, Optional(fields, mapping.System), prompt,
            Answer(instance, mapping.Response), Optional(fields, mapping.Label)?.Trim());
    }

    private IEnumerable<SourceFields> Instances(SourceFields fields)
    {
        if (string.IsNullOrEmpty(mapping.Instances)) return [fields];
        var instances = fields.Objects(mapping.Instances).ToList();
        if (instances.Count == 0) throw new BrokenRowException(mapping.Instances, $"'{mapping.Instances}' is an empty list.");
        return mapping.RowPerInstance ? instances : instances.Take(1);
    }

    private CanonicalRow Conversation(long line, SourceFields fields, string roleKey, string textKey)
    {
        var key = mapping.Messages!;
        var messages = new List<ChatMessage>();
        if (Optional(fields, mapping.System) is { } system) messages.Add(new ChatMessage(ChatRoles.System, system));
        foreach (var item in fields.Objects(key))
        {
            if (messages.Count >= limits.MaxMessages)
                throw new BrokenRowException(key, $"'{key}' has more than {limits.MaxMessages} messages.");
            messages.Add(new ChatMessage(Role(Required(item, roleKey), key), Required(item, textKey)));
        }

        if (!messages.Exists(m => m.Role == ChatRoles.User)) throw new BrokenRowException(key, $"'{key}' has no message of a user.");
        if (messages[^1].Role != ChatRoles.Assistant && !mapping.KeepUnanswered)
            throw new BrokenRowException(key, $"'{key}' does not end with an answer.");
        return CanonicalRow.Create(Id(line), line, messages, Optional(fields, mapping.Label)?.Trim());
    }

    private static string Role(string name, string key) => name switch
    {
        "system" or "developer" => ChatRoles.System,
        "user" or "human" => ChatRoles.User,
        "assistant" or "gpt" or "model" or "bot" or "chatgpt" => ChatRoles.Assistant,
        _ => throw new BrokenRowException(key, $"'{key}' has a message of the role '{name}', which is not supported."),
    };

    private string? Answer(SourceFields fields, string? name)
    {
        if (Optional(fields, name) is { } answer) return answer;
        return mapping.KeepUnanswered ? null : throw Missing(fields, name!);
    }

    private static string Required(SourceFields fields, string name)
    {
        var text = fields.Text(name);
        return string.IsNullOrWhiteSpace(text) ? throw Missing(fields, name) : text;
    }

    private static string? Optional(SourceFields fields, string? name)
    {
        if (string.IsNullOrEmpty(name)) return null;
        var text = fields.Text(name);
        return string.IsNullOrWhiteSpace(text) ? null : text;
    }

    private static BrokenRowException Missing(SourceFields fields, string name) =>
        new(name, fields.KindOf(name) == FieldKind.Missing ? $"'{name}' is missing." : $"'{name}' is empty.");

    private string Id(long line, int ordinal = 0) => RowIds.FromSource(fileSha256, line, ordinal);
}
