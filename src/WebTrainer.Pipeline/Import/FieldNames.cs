namespace WebTrainer.Pipeline.Import;

/// <summary>What people call the fields, the surest name first.</summary>
internal static class FieldNames
{
    public static readonly string[] Prompt = ["prompt", "question", "query", "instruction", "source", "user", "input", "text"];
    public static readonly string[] Response = ["response", "completion", "answer", "output", "reply", "target", "assistant"];
    public static readonly string[] Text =
    [
        "text",
        "sentence",
        "message",
        "query",
        "utterance",
        "content",
        "review",
        "comment",
        "tweet",
        "title",
        "question",
        "prompt",
        "input",
    ];
    public static readonly string[] Label =
    [
        "label",
        "category",
        "intent",
        "class",
        "sentiment",
        "topic",
        "tag",
        "type",
        "target",
        "emotion",
        "rating",
    ];
    public static readonly string[] System = ["system", "system_prompt"];
    public static readonly string[] Input = ["input", "context"];
    public static readonly string[] Output = ["output", "response", "answer"];

    public static readonly string[] Messages = ["messages", "conversations", "conversation", "dialog", "dialogue"];

    private static readonly HashSet<string> s_known = new(
        [.. Prompt, .. Response, .. Text, .. Label, .. System, .. Input, .. Output, .. Messages, "id"],
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>Whether files often have such a field; marks around the name, as in <c>Question?</c>, don't count.</summary>
    public static bool IsKnown(string name) => s_known.Contains(Plain(name));

    /// <returns>The field that bears the surest of the names, as the file writes it.</returns>
    public static string? Find(IEnumerable<string> fields, string[] names, params string?[] except)
    {
        var free = fields.Where(f => !except.Contains(f)).ToList();
        return names
            .Select(name => free.Find(f => Plain(f).Equals(name, StringComparison.OrdinalIgnoreCase)))
            .FirstOrDefault(f => f is not null);
    }

    private static string Plain(string name) => name.Trim().Trim('?', ':', '*', '#', '.', '!');
}
