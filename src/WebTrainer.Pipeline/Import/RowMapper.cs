using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Import;

/// <summary>Makes canonical rows of a file's records.</summary>
internal sealed class RowMapper(ColumnMapping mapping, string fileSha256, ImportLimits limits)
{
    private readonly MessageReader _messages = new(limits);
    private readonly FieldSet _used = new(mapping.Fields);

    /// <exception cref="BrokenRowException">The record lacks a part, or a part is no text.</exception>
    public IEnumerable<CanonicalRow> Map(long line, SourceFields fields) =>
        mapping.Extra.Count == 0 ? Shaped(line, fields) : Shaped(line, fields).Select(row => WithExtra(row, fields));

    /// <summary>What the record holds that no part of its rows was made of.</summary>
    public IReadOnlyList<string> Unused(SourceFields fields)
    {
        List<string>? unused = null;
        foreach (var name in fields.Beside(_used))
        {
            (unused ??= []).Add(name);
        }

        foreach (var key in mapping.MessageFields)
        {
            if (fields.KindOf(key) is not (FieldKind.List or FieldKind.Object))
            {
                continue;
            }

            foreach (var name in Keys(fields, key).Distinct())
            {
                (unused ??= []).Add($"{key}.{name}");
            }
        }

        return unused ?? (IReadOnlyList<string>)[];
    }

    private static IEnumerable<string> Keys(SourceFields fields, string key)
    {
        if (fields.KindOf(key) == FieldKind.List)
        {
            return fields.Objects(key).SelectMany(message => message.Beside(MessageReader.UsedOf(message)));
        }

        var holder = fields.Object(key);
        return holder.KindOf("messages") == FieldKind.List
            ? holder
                .Beside(new FieldSet("messages"))
                .Concat(holder.Objects("messages").SelectMany(message => message.Beside(MessageReader.UsedOf(message))))
            : holder.Beside(MessageReader.UsedOf(holder));
    }

    private IEnumerable<CanonicalRow> Shaped(long line, SourceFields fields) =>
        mapping.Shape switch
        {
            DataShape.Label => [Classified(line, fields)],
            DataShape.PromptCompletion => [Answered(line, 0, fields, fields)],
            DataShape.Alpaca => Instances(fields).Select((instance, i) => Answered(line, i, fields, instance)),
            DataShape.ShareGpt => [Conversation(line, fields)],
            DataShape.Chat => [Conversation(line, fields)],
            DataShape.Preference => [Preferred(line, fields)],
            DataShape.Kto => [Judged(line, fields)],
            _ => throw new InvalidOperationException($"Unknown shape {mapping.Shape}."),
        };

    private CanonicalRow Classified(long line, SourceFields fields)
    {
        var text = Required(fields, mapping.Text!);
        var pair = mapping.Pair is null ? null : Required(fields, mapping.Pair);
        if (pair is not null)
        {
            text = $"{text}\n\n{pair}";
        }

        var prompt = mapping.Instruction.Length == 0 ? text : $"{mapping.Instruction}\n\n{text}";
        var label = Answer(fields, mapping.Label)?.Trim();
        if (mapping.LabelsAsWords)
        {
            label = label?.Replace('_', ' ');
        }

        var row = CanonicalRow.Create(Id(line), line, Optional(fields, mapping.System), prompt, label, label);
        return pair is null ? row : row with { Extra = new Dictionary<string, string> { [ClassifierColumns.TextPair] = pair } };
    }

    private CanonicalRow Answered(long line, int ordinal, SourceFields fields, SourceFields instance)
    {
        if (fields.KindOf(mapping.Prompt!) == FieldKind.List)
        {
            return Continued(line, fields);
        }

        var prompt = Required(fields, mapping.Prompt!);
        var input = Optional(instance, mapping.Input);
        if (input is not null)
        {
            prompt = $"{prompt}\n\n{input}";
        }

        var messages = CanonicalRow.Conversation(Optional(fields, mapping.System), prompt, Answer(instance, mapping.Response));
        messages.InsertRange(messages.FindIndex(m => m.Role == ChatRoles.User), Earlier(fields));
        return CanonicalRow.Create(Id(line, ordinal), line, messages, Optional(fields, mapping.Label)?.Trim());
    }

    /// <summary>What was said before the prompt: a list of questions with their answers.</summary>
    private IEnumerable<ChatMessage> Earlier(SourceFields fields)
    {
        if (mapping.History is not { Length: > 0 } key || fields.KindOf(key) == FieldKind.Missing)
        {
            return [];
        }

        return fields
            .Lists(key)
            .SelectMany(turn =>
                turn.Count == 2
                    ? (ChatMessage[])[new ChatMessage(ChatRoles.User, turn[0]), new ChatMessage(ChatRoles.Assistant, turn[1])]
                    : throw new BrokenRowException(key, $"'{key}' should hold pairs of a question and its answer.")
            );
    }

    /// <summary>Prompt and answer that are lists of messages: one conversation.</summary>
    private CanonicalRow Continued(long line, SourceFields fields)
    {
        var messages = Before(fields);
        if (mapping.Response is { } key && fields.KindOf(key) == FieldKind.List)
        {
            messages.AddRange(_messages.Read(fields, key));
        }
        else if (Answer(fields, mapping.Response) is { } answer)
        {
            messages.Add(new ChatMessage(ChatRoles.Assistant, answer));
        }

        return CanonicalRow.Create(Id(line), line, messages, Optional(fields, mapping.Label)?.Trim());
    }

    /// <summary>What stands before the answer: a list of messages, or a text.</summary>
    private List<ChatMessage> Before(SourceFields fields)
    {
        var messages = new List<ChatMessage>();
        if (Optional(fields, mapping.System) is { } system)
        {
            messages.Add(new ChatMessage(ChatRoles.System, system));
        }

        var key = mapping.Messages ?? mapping.Prompt!;
        if (mapping.Messages is not null || fields.KindOf(key) == FieldKind.List)
        {
            messages.AddRange(_messages.Read(fields, key));
        }
        else
        {
            messages.Add(new ChatMessage(ChatRoles.User, Required(fields, key)));
        }

        return messages;
    }

    private IEnumerable<SourceFields> Instances(SourceFields fields)
    {
        if (string.IsNullOrEmpty(mapping.Instances))
        {
            return [fields];
        }

        var instances = fields.Objects(mapping.Instances).ToList();
        if (instances.Count == 0)
        {
            throw new BrokenRowException(mapping.Instances, $"'{mapping.Instances}' is an empty list.");
        }

        return mapping.RowPerInstance ? instances : instances.Take(1);
    }

    private CanonicalRow Conversation(long line, SourceFields fields)
    {
        var key = mapping.Messages!;
        var messages = new List<ChatMessage>();
        if (Optional(fields, mapping.System) is { } system)
        {
            messages.Add(new ChatMessage(ChatRoles.System, system));
        }

        messages.AddRange(_messages.Read(fields, key));
        if (!messages.Exists(m => m.Role == ChatRoles.User))
        {
            throw new BrokenRowException(key, $"'{key}' has no message of a user.");
        }

        if (messages[^1].Role != ChatRoles.Assistant && !mapping.KeepUnanswered)
        {
            throw new BrokenRowException(key, $"'{key}' does not end with an answer.");
        }

        return WithTools(messages, fields, row => CanonicalRow.Create(Id(line), line, row, Optional(fields, mapping.Label)?.Trim()));
    }

    /// <summary>Tools stand at the first message; what is no list of them stays beside the row.</summary>
    private static CanonicalRow WithTools(List<ChatMessage> messages, SourceFields fields, Func<List<ChatMessage>, CanonicalRow> create)
    {
        if (ToolList.Read(fields, MessageReader.Tools) is { } tools)
        {
            messages[0] = messages[0] with { Tools = tools };
            return create(messages);
        }

        var other = fields.KindOf(MessageReader.Tools) is FieldKind.List or FieldKind.Object ? null : Optional(fields, MessageReader.Tools);
        return other is null ? create(messages) : Beside(create(messages), MessageReader.Tools, other);
    }

    /// <summary>A pair is learned from by its preferred answer; the rejected one stays beside it.</summary>
    private CanonicalRow Preferred(long line, SourceFields fields)
    {
        var messages = mapping.Messages is null && mapping.Prompt is null ? Shared(fields) : Before(fields);
        messages.Add(new ChatMessage(ChatRoles.Assistant, Answer(fields, mapping.Response!, mapping.Response!)));
        return Beside(
            CanonicalRow.Create(Id(line), line, messages),
            Preferences.Rejected,
            Answer(fields, mapping.Rejected!, mapping.Rejected!)
        );
    }

    /// <summary>Two conversations that differ in their last message: what both begin with is the prompt.</summary>
    private List<ChatMessage> Shared(SourceFields fields)
    {
        var (chosen, rejected) = (_messages.Read(fields, mapping.Response!), _messages.Read(fields, mapping.Rejected!));
        if (chosen.Count < 2 || !chosen.SkipLast(1).SequenceEqual(rejected.SkipLast(1)))
        {
            throw new BrokenRowException(
                mapping.Rejected!,
                $"'{mapping.Response}' and '{mapping.Rejected}' don't begin with the same messages, so nobody can say what was asked. Choose which field holds the prompt."
            );
        }

        return
        [
            .. Optional(fields, mapping.System) is { } system ? [new ChatMessage(ChatRoles.System, system)] : Array.Empty<ChatMessage>(),
            .. chosen.SkipLast(1),
        ];
    }

    private CanonicalRow Judged(long line, SourceFields fields)
    {
        var desired = Required(fields, mapping.Desired!);
        if (!bool.TryParse(desired, out var wanted))
        {
            throw new BrokenRowException(mapping.Desired!, $"'{mapping.Desired}' says neither true nor false.");
        }

        var row = mapping.Messages is not null ? Conversation(line, fields) : Continued(line, fields);
        return Beside(row, Preferences.Desired, wanted ? "true" : "false");
    }

    /// <summary>An answer that stands as a text, as a message, or at the end of a list of messages.</summary>
    private static string Answer(SourceFields fields, string name, string key) =>
        fields.KindOf(name) switch
        {
            FieldKind.Object => MessageReader.Text(fields.Object(name), key),
            FieldKind.List => MessageReader.Text(
                fields.Objects(name).LastOrDefault() ?? throw new BrokenRowException(key, $"'{key}' is an empty list."),
                key
            ),
            _ => Required(fields, name),
        };

    private CanonicalRow WithExtra(CanonicalRow row, SourceFields fields)
    {
        foreach (var name in mapping.Extra)
        {
            var isText = fields.KindOf(name) is not (FieldKind.List or FieldKind.Object);
            if ((isText ? Optional(fields, name) : fields.Json(name)) is { } value)
            {
                row = Beside(row, name, value);
            }
        }

        return row;
    }

    private static CanonicalRow Beside(CanonicalRow row, string name, string value) =>
        row with
        {
            Extra = new Dictionary<string, string>(row.Extra) { [name] = value },
        };

    private string? Answer(SourceFields fields, string? name)
    {
        if (Optional(fields, name) is { } answer)
        {
            return answer;
        }

        return mapping.KeepUnanswered ? null : throw Missing(fields, name!);
    }

    private static string Required(SourceFields fields, string name)
    {
        var text = fields.Text(name);
        return string.IsNullOrWhiteSpace(text) ? throw Missing(fields, name) : text;
    }

    private static string? Optional(SourceFields fields, string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return null;
        }

        var text = fields.Text(name);
        return string.IsNullOrWhiteSpace(text) ? null : text;
    }

    private static BrokenRowException Missing(SourceFields fields, string name) =>
        new(name, fields.KindOf(name) == FieldKind.Missing ? $"'{name}' is missing." : $"'{name}' is empty.");

    private string Id(long line, int ordinal = 0) => RowIds.FromSource(fileSha256, line, ordinal);
}
