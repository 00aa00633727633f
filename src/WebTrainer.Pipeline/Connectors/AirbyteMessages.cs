using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace WebTrainer.Pipeline.Connectors;

/// <summary>Takes in the messages of an Airbyte source: records into a file, state for the next sync, errors as exceptions.</summary>
/// <remarks>After the Airbyte protocol, version 0.5: one JSON message a line. Other lines are a program's chatter and don't
/// count.</remarks>
internal sealed class AirbyteMessages(Stream records, string stream) : IDisposable
{
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Utf8JsonWriter _writer = new(records, s_json);
    private readonly Dictionary<string, JsonNode> _states = [];

    public long Records { get; private set; }

    /// <summary>Sources say whether they can be reached; null while none has.</summary>
    public (bool Succeeded, string Message)? Status { get; private set; }

    /// <summary>The streams that a source has, as it describes them; null while it hasn't.</summary>
    public JsonArray? Streams { get; private set; }

    /// <summary>
    /// What the source wants to be given at the next sync, as the file that <c>--state</c> names; null where it said nothing.
    /// </summary>
    public string? State
    {
        get
        {
            if (_states.Count == 0)
            {
                return null;
            }

            return _states.TryGetValue("", out var whole)
                ? whole.ToJsonString()
                : new JsonArray([.. _states.Values.Select(s => s.DeepClone())]).ToJsonString();
        }
    }

    /// <exception cref="DataProblemException">The source gave up, and said why.</exception>
    public void Take(ReadOnlyMemory<byte> line)
    {
        JsonNode? message;
        try
        {
            message = JsonNode.Parse(line.Span);
        }
        catch (JsonException)
        {
            return; // not a message
        }

        switch (Text(message, "type"))
        {
            case "RECORD" when message!["record"] is JsonObject record:
                Record(record);
                break;
            case "STATE" when message!["state"] is JsonObject state:
                Remember(state);
                break;
            case "TRACE" when message!["trace"] is JsonObject trace && Text(trace, "type") == "ERROR":
                throw new DataProblemException($"The source gave up: {Text(trace["error"], "message") ?? "it did not say why"}.");
            case "CONNECTION_STATUS" when message!["connectionStatus"] is JsonObject status:
                Status = (Text(status, "status") == "SUCCEEDED", Text(status, "message") ?? "");
                break;
            case "CATALOG" when message!["catalog"] is JsonObject catalog && catalog["streams"] is JsonArray streams:
                Streams = streams;
                break;
        }
    }

    public void Dispose() => _writer.Dispose();

    private void Record(JsonObject record)
    {
        if (stream.Length > 0 && Text(record, "stream") != stream || record["data"] is not JsonObject data)
        {
            return;
        }

        data.WriteTo(_writer);
        _writer.Flush();
        _writer.Reset();
        records.WriteByte((byte)'\n');
        Records++;
    }

    /// <summary>Each stream has a state of its own; what old sources send, and a global state, stand for all.</summary>
    private void Remember(JsonObject state)
    {
        switch (Text(state, "type"))
        {
            case "STREAM":
                _states[state["stream"]?["stream_descriptor"]?.ToJsonString() ?? "stream"] = state.DeepClone();
                break;
            case "GLOBAL":
                _states["global"] = state.DeepClone();
                break;
            default:
                if (state["data"] is { } data)
                {
                    _states[""] = data.DeepClone();
                }

                break;
        }
    }

    private static string? Text(JsonNode? node, string name) =>
        node is JsonObject parent && parent[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
