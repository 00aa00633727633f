using WebTrainer.Protocol;

namespace WebTrainer.Pipeline;

/// <summary>One row of a dataset version, whatever the file's shape was.</summary>
public sealed record CanonicalRow
{
    /// <summary>A record with a list of instances may give several rows.</summary>
    private const int MaxRowsOfRecord = 64;

    private static readonly IReadOnlyDictionary<string, string> s_noExtra = new Dictionary<string, string>();

    /// <summary>Stands for a row of which nobody needs more than its position.</summary>
    internal static CanonicalRow Nameless { get; } =
        new()
        {
            Id = "",
            Line = 0,
            Prompt = "",
            Messages = [],
        };

    /// <summary>Stable and unique in its version: the thread back to file and line.</summary>
    public required string Id { get; init; }

    /// <summary>Where the row begins in its file (<see cref="SourcePlace"/>): a line, counted from 1; 0 where there is no file.</summary>
    public required long Line { get; init; }

    /// <summary>Null until the version is split.</summary>
    public DataSplit? Split { get; init; }

    /// <summary>All system messages in their order, set apart by an empty line; null where there is none.</summary>
    public string? System { get; init; }

    /// <summary>All turns before the answer; turns of a longer conversation are set apart by an empty line.</summary>
    public required string Prompt { get; init; }

    /// <summary>The last assistant message; null where nobody has answered yet.</summary>
    public string? Response { get; init; }

    /// <summary>The class of a row for classification, as the file or the people wrote it; null where there is none.</summary>
    public string? Label { get; init; }

    /// <summary>The whole conversation; its last message is the answer, if there is one.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>Other columns of the file, by name: groups to audit by, ratings, sources. No part of what is learned.</summary>
    public IReadOnlyDictionary<string, string> Extra { get; init; } = s_noExtra;

    /// <summary>Whether it was read from the file with this hash.</summary>
    public bool IsFrom(string fileSha256) =>
        Enumerable.Range(0, MaxRowsOfRecord).Any(ordinal => Import.RowIds.FromSource(fileSha256, Line, ordinal) == Id);

    /// <summary>The same row with another conversation and label.</summary>
    public CanonicalRow With(IReadOnlyList<ChatMessage> messages, string? label) =>
        Create(Id, Line, messages, label, Split) with
        {
            Extra = Extra,
        };

    /// <summary>Makes a row of a conversation.</summary>
    /// <param name="messages">Roles <c>system</c>, <c>user</c>, <c>assistant</c>; with at least one that isn't <c>system</c>.</param>
    public static CanonicalRow Create(
        string id,
        long line,
        IReadOnlyList<ChatMessage> messages,
        string? label = null,
        DataSplit? split = null
    )
    {
        ArgumentNullException.ThrowIfNull(messages);
        var answer = messages.Count > 0 && messages[^1].Role == ChatRoles.Assistant ? messages[^1] : null;
        var turns = messages.Where(m => m.Role != ChatRoles.System && !ReferenceEquals(m, answer)).Select(m => m.Content);
        var system = string.Join("\n\n", messages.Where(m => m.Role == ChatRoles.System).Select(m => m.Content));
        return new CanonicalRow
        {
            Id = id,
            Line = line,
            Split = split,
            System = system.Length == 0 ? null : system,
            Prompt = string.Join("\n\n", turns),
            Response = answer?.Content,
            Label = label,
            Messages = messages,
        };
    }

    /// <summary>Makes a row of one question and its answer; <paramref name="response"/> null leaves it unanswered.</summary>
    public static CanonicalRow Create(
        string id,
        long line,
        string? system,
        string prompt,
        string? response,
        string? label = null,
        DataSplit? split = null
    )
    {
        return Create(id, line, Conversation(system, prompt, response), label, split);
    }

    /// <summary>One question and its answer as messages.</summary>
    internal static List<ChatMessage> Conversation(string? system, string prompt, string? response)
    {
        var messages = new List<ChatMessage>(3);
        if (!string.IsNullOrEmpty(system))
        {
            messages.Add(new ChatMessage(ChatRoles.System, system));
        }

        messages.Add(new ChatMessage(ChatRoles.User, prompt));
        if (response is not null)
        {
            messages.Add(new ChatMessage(ChatRoles.Assistant, response));
        }

        return messages;
    }
}
