using System.Collections;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Storage;

/// <summary>
/// The conversation of a row as it is stored, read when somebody asks for it: most steps look at prompt and response alone, and write it
/// back as it was.
/// </summary>
internal sealed class StoredMessages(string json) : IReadOnlyList<ChatMessage>
{
    private List<ChatMessage>? _read;

    /// <summary>The JSON of the version.</summary>
    public string Json => json;

    public int Count => Messages.Count;

    public ChatMessage this[int index] => Messages[index];

    private List<ChatMessage> Messages => _read ??= JsonSerializer.Deserialize<List<ChatMessage>>(json, ProtocolJson.Line)!;

    public IEnumerator<ChatMessage> GetEnumerator() => Messages.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
