using System.Text.Json.Serialization;

namespace WebTrainer.Protocol;

/// <param name="Name">How requests and results call it; <c>base</c> is reserved.</param>
/// <param name="Path">PEFT folder, absolute.</param>
public sealed record NamedAdapter(string Name, string Path)
{
    /// <summary>
    /// When a file of it was written last: a worker that has read other files under the same name doesn't know this adapter. Null where
    /// that makes no difference.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTime? WrittenAt { get; init; }
}
