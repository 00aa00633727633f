using System.Text.Encodings.Web;
using System.Text.Json;

namespace WebTrainer.Protocol;

/// <summary>A call of a tool in an answer.</summary>
/// <param name="Name">Of the tool.</param>
/// <param name="Arguments">An object by the arguments' names; a text where whoever called wrote no object.</param>
public sealed record ToolCall(string Name, JsonElement Arguments);

/// <summary>
/// Calls of tools as text, which is how a row keeps them: so people see them, search them, and clean them as all other words. Of a message
/// it is known how many stand at its text's end (<see cref="ChatMessage.Calls"/>), so that no words of a person are taken for one.
/// </summary>
public static class ToolText
{
    private const string Open = "<tool_call>\n",
        Close = "\n</tool_call>";
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="name">Of the tool.</param>
    /// <param name="arguments">JSON.</param>
    public static string Write(string name, string arguments) =>
        $"{Open}{{\"name\": {JsonSerializer.Serialize(name, s_json)}, \"arguments\": {arguments}}}{Close}";

    /// <summary>The words of a message and the calls behind them.</summary>
    /// <param name="content">The message's text.</param>
    /// <param name="count">How many calls.</param>
    /// <returns>Null where they can't be read there any more.</returns>
    public static (string Said, IReadOnlyList<ToolCall> Calls)? Read(string content, int count)
    {
        var (rest, calls) = (content, new List<ToolCall>());
        while (calls.Count < count)
        {
            var begin = rest.LastIndexOf(Open, StringComparison.Ordinal);
            if (
                begin < 0
                || !rest.EndsWith(Close, StringComparison.Ordinal)
                || Parse(rest[(begin + Open.Length)..^Close.Length]) is not { } call
            )
            {
                return null;
            }

            calls.Insert(0, call);
            rest = rest[..begin];
            rest = rest.EndsWith('\n') ? rest[..^1] : rest;
        }

        return (rest, calls);
    }

    private static ToolCall? Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return root.GetProperty("name").GetString() is { } name ? new(name, root.GetProperty("arguments").Clone()) : null;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null; // somebody has changed the text
        }
    }
}
