using System.Text.Json;
using System.Text.Json.Serialization;

namespace WebTrainer.Portal.Features.Deployments.OpenAi;

/// <summary>Body of <c>POST /v1/responses</c>: the fields that are supported.</summary>
public sealed record ResponsesBody
{
    /// <summary>Clients send back messages as they were answered, with names of their own.</summary>
    private static readonly HashSet<string> s_ofMessage = ["type", "role", "content", "id", "status"];

    [JsonPropertyName("model")]
    public string? Model { get; init; }

    /// <summary>A text, or a list of messages.</summary>
    [JsonPropertyName("input")]
    public JsonElement? Input { get; init; }

    /// <summary>Stands before all messages.</summary>
    [JsonPropertyName("instructions")]
    public string? Instructions { get; init; }

    [JsonPropertyName("max_output_tokens")]
    public int? MaxOutputTokens { get; init; }

    [JsonPropertyName("temperature")]
    public double? Temperature { get; init; }

    [JsonPropertyName("top_p")]
    public double? TopP { get; init; }

    /// <summary>Its <c>format</c>: text, any JSON object, or JSON by a schema.</summary>
    [JsonPropertyName("text")]
    public JsonElement? TextOptions { get; init; }

    [JsonPropertyName("stream")]
    public bool Stream { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Others { get; init; }

    /// <summary>The same as a conversation, for the one reader of conversations.</summary>
    /// <exception cref="OpenAiException">The input holds what is no text.</exception>
    public CompletionBody AsChat() =>
        new()
        {
            Model = Model,
            Messages =
            [
                .. Instructions is { Length: > 0 } first ? [new MessageBody("system", Text(first))] : Array.Empty<MessageBody>(),
                .. Inputs(),
            ],
            MaxCompletionTokens = MaxOutputTokens is { } most
                ? RequestReader.Within(most, 1, RequestReader.MaxTokensLimit, "max_output_tokens")
                : null,
            ResponseFormat = ConstraintReader.FormatIn(TextOptions),
            Temperature = Temperature,
            TopP = TopP,
            Others = Others,
        };

    private IEnumerable<MessageBody> Inputs() =>
        Input switch
        {
            { ValueKind: JsonValueKind.String } text => [new MessageBody("user", text)],
            { ValueKind: JsonValueKind.Array } items => items.EnumerateArray().Select(Message),
            _ => throw Bad("input", "'input' must be a string or a list of messages."),
        };

    private static MessageBody Message(JsonElement item, int index)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw Bad($"input[{index}]", $"input[{index}] must be a message.");
        }

        var fields = item.EnumerateObject().ToDictionary(field => field.Name, field => field.Value);
        if (fields.GetValueOrDefault("type") is { ValueKind: not JsonValueKind.Undefined } type && type.ToString() != "message")
        {
            throw Bad($"input[{index}].type", $"input[{index}].type '{type}' is not supported; only messages are.");
        }

        var (role, content) = (fields.GetValueOrDefault("role").ToString(), fields.GetValueOrDefault("content"));
        if (!RequestReader.IsRole(role))
        {
            throw Bad($"input[{index}].role", $"input[{index}].role '{role}' is not supported; use system, developer, user or assistant.");
        }

        if (content.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
        {
            throw Bad($"input[{index}].content", $"input[{index}].content must be a string or text parts.");
        }

        OtherFields.Refuse(fields.Where(field => !s_ofMessage.Contains(field.Key)).ToDictionary(), $"input[{index}].");
        return new MessageBody(role, content);
    }

    private static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text);

    private static OpenAiException Bad(string field, string message) => OpenAiException.Bad(field, message);
}
