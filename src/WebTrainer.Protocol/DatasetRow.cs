using System.Text.Json.Serialization;

namespace WebTrainer.Protocol;

/// <summary>One row of a snapshot: a conversation whose last assistant message is the answer to learn.</summary>
/// <param name="Id">Stable id of the row, the thread back to the uploaded file.</param>
public sealed record DatasetRow(string Id, IReadOnlyList<ChatMessage> Messages)
{
    /// <summary>An answer that people liked less than the last message; null where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Rejected { get; init; }

    /// <summary>
    /// Whether people want the answer; null where nobody has said. An unwanted one is there for objectives that learn what not to say, and
    /// for nothing else.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Desired { get; init; }

    /// <summary>
    /// How probable each label is, by people's or labelling functions' votes, by the label; null where there is only the answer. Those that
    /// are missing are 0.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? Shares { get; init; }

    /// <summary>The second text where rows are pairs, such as a hypothesis for a premise; encoders read it behind the first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Pair { get; init; }
}

/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
public sealed record ChatMessage(string Role, string Content)
{
    /// <summary>0 where an answer must not be learned, as in OpenAI's files; null where nobody has said.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Weight { get; init; }
}
