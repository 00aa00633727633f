using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Cleaning;

/// <summary>A part of a row that steps look at.</summary>
public enum RowField
{
    /// <summary>System message, prompt and response.</summary>
    AllText,

    /// <summary>All turns before the answer but system messages; as one text they are set apart by an empty line.</summary>
    Prompt,

    /// <summary>The last message, where the assistant says it. Rows that nobody has answered have none.</summary>
    Response,

    /// <summary>All system messages.</summary>
    System,

    /// <summary>The class. A step that changes it changes the answer with it where that is the label's text.</summary>
    Label,
}

/// <summary>The texts of a row, read and changed together.</summary>
internal static class RowTexts
{
    /// <summary>The row with each message and the label mapped; the same object where nothing changed.</summary>
    /// <remarks>The label goes with its answer, so that classes stay equal to the words that are learned for them.</remarks>
    public static CanonicalRow Map(CanonicalRow row, Func<string, string> map)
    {
        ChatMessage[]? changed = null;
        for (var i = 0; i < row.Messages.Count; i++)
        {
            var message = row.Messages[i];
            var mapped = message with
            {
                Content = map(message.Content),
                Tools = message.Tools is { } tools ? JsonWords.Map(tools, map) : null,
            };
            if (mapped == message)
            {
                continue;
            }

            changed ??= [.. row.Messages];
            changed[i] = mapped;
        }

        var label = row.Label is null ? null : map(row.Label);
        var extra = MapExtra(row.Extra, map);
        return changed is null && label == row.Label && ReferenceEquals(extra, row.Extra)
            ? row
            : row.With(changed ?? row.Messages, label) with
            {
                Extra = extra,
            };
    }

    /// <summary>The row with only one field mapped.</summary>
    public static CanonicalRow Map(CanonicalRow row, RowField field, Func<string, string> map)
    {
        if (field == RowField.AllText)
        {
            return Map(row, map);
        }

        if (field == RowField.Label)
        {
            return row.Label is null ? row : Relabel(row, map(row.Label));
        }

        var messages = row.Messages.Select((m, i) => Belongs(row, i, field) ? m with { Content = map(m.Content) } : m).ToList();
        if (messages.SequenceEqual(row.Messages))
        {
            return row;
        }

        var response = messages[^1].Role == ChatRoles.Assistant ? messages[^1].Content : null;
        return row.With(messages, row.Label == row.Response ? response : row.Label);
    }

    /// <summary>The row under another label; its answer too, where that is the label's text.</summary>
    public static CanonicalRow Relabel(CanonicalRow row, string label)
    {
        if (label == row.Label)
        {
            return row;
        }

        if (row.Label != row.Response)
        {
            return row with { Label = label };
        }

        var messages = row.Messages.Take(row.Messages.Count - 1).Append(row.Messages[^1] with { Content = label }).ToList();
        return row.With(messages, label);
    }

    /// <summary>A field as one text; null where the row has none.</summary>
    public static string? Of(CanonicalRow row, RowField field) =>
        field switch
        {
            RowField.AllText => string.Join("\n\n", row.Messages.Select(m => m.Content)),
            RowField.Prompt => row.Prompt,
            RowField.Response => row.Response,
            RowField.System => row.System,
            RowField.Label => row.Label,
            _ => throw new ArgumentOutOfRangeException(nameof(field), field, message: null),
        };

    /// <summary>Columns beside the texts are mapped with them: what is personal in a text is so beside it.</summary>
    private static IReadOnlyDictionary<string, string> MapExtra(IReadOnlyDictionary<string, string> extra, Func<string, string> map)
    {
        if (extra.Count == 0)
        {
            return extra;
        }

        var mapped = extra.ToDictionary(e => e.Key, e => map(e.Value));
        return mapped.All(e => e.Value == extra[e.Key]) ? extra : mapped;
    }

    private static bool Belongs(CanonicalRow row, int message, RowField field)
    {
        var isAnswer = message == row.Messages.Count - 1 && row.Response is not null;
        return field switch
        {
            RowField.System => row.Messages[message].Role == ChatRoles.System,
            RowField.Response => isAnswer,
            _ => !isAnswer && row.Messages[message].Role != ChatRoles.System,
        };
    }
}
