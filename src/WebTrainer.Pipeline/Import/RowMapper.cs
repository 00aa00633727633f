using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Import;

/// <summary>Makes canonical rows of a file's records.</summary>
internal sealed class RowMapper(ColumnMapping mapping, string fileSha256, ImportLimits limits)
{
    /// <exception cref="BrokenRowException">The record lacks a part, or a part is no text.</exception>
    public IEnumerable<CanonicalRow> Map(long line, SourceFields fields) => mapping.Extra.Count == 0
        ? Shaped(line, fields)
        : Shaped(line, fields).Select(row => WithExtra(row, fields));

    private IEnumerable<CanonicalRow> Shaped(long line, SourceFields fields) => mapping.Shape switch
    {
        DataShape.Label => [Classified(line, fields)],
        DataShape.PromptCompletion => [Answered(line, 0, fields, fields)],
        DataShape.Alpaca => Instances(fields).Select((instance, i) => Answered(line, i, fields, instance)),
        DataShape.ShareGpt => [Conversation(line, fields, "from", "value")],
        DataShape.Chat => [Conversation(line, fields, "role", "content")],
        DataShape.Preference => [Preferred(line, fields)],
        DataShape.Kto => [Judged(line, fields)],
        _ => throw new InvalidOperationException($"Unknown shape {mapping.Shape}."),
    };

    private CanonicalRow Classified(long line, SourceFields fields)
    {
        var text = Required(fields, mapping.Text!);
        var pair = mapping.Pair is null ? null : Required(fields, mapping.Pair);
        if (pair is not null) text = $"{text}\n\n{pair}";
        var prompt = mapping.Instruction.Length == 0 ? text : $"{mapping.Instruction}\n\n{text}";
        var label = Answer(fields, mapping.Label)?.Trim();
        if (mapping.LabelsAsWords) label = label?.Replace('_', ' ');
        var row = CanonicalRow.Create(Id(line), line, Optional(fields, mapping.System), prompt, label, label);
        return pair is null ? row : row with { Extra = new Dictionary<string, string> { [ClassifierColumns.TextPair] = pair } };
    }

    private CanonicalRow Answered(long line, int ordinal, SourceFields fields, SourceFields instance)
    {
        if (fields.KindOf(mapping.Prompt!) == FieldKind.List) return Continued(line, fields);
        var prompt = Required(fields, mapping.Prompt!);
        var input = Optional(instance, mapping.Input);
        if (input is not null) prompt = $"{prompt}\n\n{input}";
        return CanonicalRow.Create(
            Id(line, ordinal), line, Optional(fields, mapping.System), prompt,
            Answer(instance, mapping.Response), Optional(fields, mapping.Label)?.Trim());
    }

    /// <summary>Prompt and answer that are lists of messages: one conversation.</summary>
    private CanonicalRow Continued(long line, SourceFields fields)
    {
        var messages = Before(fields);
        if (mapping.Response is { } key && fields.KindOf(key) == FieldKind.List) messages.AddRange(Turns(fields, key, RoleKey(fields, key), TextKey(fields, key)));
        else if (Answer(fields, mapping.Response) is { } answer) messages.Add(new ChatMessage(ChatRoles.Assistant, answer));
        return CanonicalRow.Create(Id(line), line, messages, Optional(fields, mapping.Label)?.Trim());
    }

    /// <summary>What stands before the answer: a list of messages, or a text.</summary>
    private List<ChatMessage> Before(SourceFields fields)
    {
        var messages = new List<ChatMessage>();
        if (Optional(fields, mapping.System) is { } system) messages.Add(new ChatMessage(ChatRoles.System, system));
        var key = mapping.Messages ?? mapping.Prompt!;
        if (mapping.Messages is not null || fields.KindOf(key) == FieldKind.List) messages.AddRange(Turns(fields, key, RoleKey(fields, key), TextKey(fields, key)));
        else messages.Add(new ChatMessage(ChatRoles.User, Required(fields, key)));
        return messages;
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
        messages.AddRange(Turns(fields, key, roleKey, textKey));
        if (!messages.Exists(m => m.Role == ChatRoles.User)) throw new BrokenRowException(key, $"'{key}' has no message of a user.");
        if (messages[^1].Role != ChatRoles.Assistant && !mapping.KeepUnanswered)
            throw new BrokenRowException(key, $"'{key}' does not end with an answer.");
        return CanonicalRow.Create(Id(line), line, messages, Optional(fields, mapping.Label)?.Trim());
    }

    private IEnumerable<ChatMessage> Turns(SourceFields fields, string key, string roleKey, string textKey)
    {
        var count = 0;
        foreach (var item in fields.Objects(key))
        {
            if (++count > limits.MaxMessages)
                throw new BrokenRowException(key, $"'{key}' has more than {limits.MaxMessages} messages.");
            yield return new ChatMessage(Role(Required(item, roleKey), key), Required(item, textKey));
        }
    }

    /// <summary>A pair is learned from by its preferred answer; the rejected one stays beside it.</summary>
    private CanonicalRow Preferred(long line, SourceFields fields)
    {
        var messages = mapping.Messages is null && mapping.Prompt is null ? Shared(fields) : Before(fields);
        messages.Add(new ChatMessage(ChatRoles.Assistant, Answer(fields, mapping.Response!, mapping.Response!)));
        return Beside(CanonicalRow.Create(Id(line), line, messages), Preferences.Rejected, Answer(fields, mapping.Rejected!, mapping.Rejected!));
    }

    /// <summary>Two conversations that differ in their last message: what both begin with is the prompt.</summary>
    private List<ChatMessage> Shared(SourceFields fields)
    {
        var (chosen, rejected) = (Conversation(mapping.Response!), Conversation(mapping.Rejected!));
        if (chosen.Count < 2 || !chosen.SkipLast(1).SequenceEqual(rejected.SkipLast(1)))
            throw new BrokenRowException(mapping.Rejected!, $"'{mapping.Response}' and '{mapping.Rejected}' don't begin with the same messages, so nobody can say what was asked. Choose which field holds the prompt.");
        return [.. Optional(fields, mapping.System) is { } system ? [new ChatMessage(ChatRoles.System, system)] : Array.Empty<ChatMessage>(), .. chosen.SkipLast(1)];

        List<ChatMessage> Conversation(string key) => [.. Turns(fields, key, RoleKey(fields, key), TextKey(fields, key))];
    }

    private CanonicalRow Judged(long line, SourceFields fields)
    {
        var desired = Required(fields, mapping.Desired!);
        if (!bool.TryParse(desired, out var wanted))
            throw new BrokenRowException(mapping.Desired!, $"'{mapping.Desired}' says neither true nor false.");
        var row = mapping.Messages is { } key ? Conversation(line, fields, RoleKey(fields, key), TextKey(fields, key)) : Continued(line, fields);
        return Beside(row, Preferences.Desired, wanted ? "true" : "false");
    }

    /// <summary>An answer that stands as a text, as a message, or at the end of a list of messages.</summary>
    private static string Answer(SourceFields fields, string name, string key) => fields.KindOf(name) switch
    {
        FieldKind.Object => MessageText(fields.Object(name), key),
        FieldKind.List => MessageText(fields.Objects(name).LastOrDefault() ?? throw new BrokenRowException(key, $"'{key}' is an empty list."), key),
        _ => Required(fields, name),
    };

    private static string MessageText(SourceFields message, string key) =>
        Optional(message, "value") ?? Optional(message, "content") ?? throw new BrokenRowException(key, $"'{key}' is a message without text.");

    private static string RoleKey(SourceFields fields, string key) => fields.Objects(key).FirstOrDefault()?.Names.Contains("from") == true ? "from" : "role";

    private static string TextKey(SourceFields fields, string key) => RoleKey(fields, key) == "from" ? "value" : "content";

    private CanonicalRow WithExtra(CanonicalRow row, SourceFields fields)
    {
        foreach (var name in mapping.Extra)
        {
            if (fields.KindOf(name) is FieldKind.Text or FieldKind.Number or FieldKind.Truth && Optional(fields, name) is { } value)
                row = Beside(row, name, value);
        }

        return row;
    }

    private static CanonicalRow Beside(CanonicalRow row, string name, string value) =>
        row with { Extra = new Dictionary<string, string>(row.Extra) { [name] = value } };

    private static string Role(string name, string key) => name switch
    {
        "system" or "developer" => ChatRoles.System,
        // What a tool gave back is read like a user's turn: it is no answer to learn.
        "user" or "human" or "observation" or "tool" or "function" => ChatRoles.User,
        "assistant" or "gpt" or "model" or "bot" or "chatgpt" or "function_call" => ChatRoles.Assistant,
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
