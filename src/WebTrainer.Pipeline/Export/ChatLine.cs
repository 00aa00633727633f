using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Export;

/// <summary>A conversation as OpenAI's files have it, its calls of tools and their results too.</summary>
internal sealed record ChatLine(
    IReadOnlyList<ChatLine.Message> Messages,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Tools
)
{
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ChatLine Of(IReadOnlyList<ChatMessage> messages)
    {
        var (lines, calls) = (new List<Message>(), 0);
        foreach (var message in messages)
        {
            var line = new Message(message.Result is null ? message.Role : "tool", message.Content) { Weight = message.Weight };
            if (message.Result is { } number)
            {
                line = line with { Name = message.Tool, CallId = number > 0 ? IdOf(number) : null };
            }
            else if (message.Calls is { } count && ToolText.Read(message.Content, count) is var (said, made))
            {
                line = line with
                {
                    Content = said.Length > 0 ? said : null,
                    Calls = [.. made.Select((call, i) => Call.Of(IdOf(calls + i + 1), call))],
                };
                calls += count;
            }

            lines.Add(line);
        }

        return new(lines, messages.Select(message => message.Tools).FirstOrDefault(tools => tools is not null));
    }

    private static string IdOf(int number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"call{number:00000}");

    internal sealed record Message(string Role, string? Content)
    {
        [JsonPropertyName("tool_calls"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<Call>? Calls { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Name { get; init; }

        [JsonPropertyName("tool_call_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? CallId { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public int? Weight { get; init; }
    }

    /// <param name="Type">Always <c>function</c>.</param>
    internal sealed record Call(string Id, string Type, Function Function)
    {
        public static Call Of(string id, ToolCall call) =>
            new(
                id,
                "function",
                new(
                    call.Name,
                    call.Arguments.ValueKind == JsonValueKind.String
                        ? call.Arguments.GetString()!
                        : JsonSerializer.Serialize(call.Arguments, s_json)
                )
            );
    }

    /// <param name="Arguments">JSON as a text, as the API writes it.</param>
    internal sealed record Function(string Name, string Arguments);
}
