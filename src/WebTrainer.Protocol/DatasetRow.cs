using System.Text.Json;
using System.Text.Json.Serialization;

namespace WebTrainer.Protocol;

/// <summary>One row of a snapshot: a conversation whose last assistant message is the answer to learn.</summary>
/// <param name="Id">Stable id of the row, the thread back to the uploaded file.</param>
/// <param name="Messages">In their order, at least a question and its answer.</param>
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
/// <param name="Content">The words; empty in an answer that only calls tools.</param>
public sealed record ChatMessage(string Role, string Content)
{
    /// <summary>0 where an answer must not be learned, as in OpenAI's files; null where nobody has said.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Weight { get; init; }

    /// <summary>So many calls of tools stand at the end of an answer's text (<see cref="ToolText"/>); null where none does.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Calls { get; init; }

    /// <summary>
    /// The text, of the role <c>user</c>, is what a tool gave back for the call of this number among all before it, from 1; 0 where nobody
    /// knows for which. Null where a person wrote it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Result { get; init; }

    /// <summary>The name of the tool that gave it back, where that is known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Tool { get; init; }

    /// <summary>
    /// Of a conversation's first message: the tools that the model may call in it, a list in the shape of OpenAI's API. Null where there
    /// are none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Tools { get; init; }

    /// <summary>Whether it has to do with tools.</summary>
    [JsonIgnore]
    public bool IsOfTools => Calls is not null || Result is not null || Tools is not null;
}
