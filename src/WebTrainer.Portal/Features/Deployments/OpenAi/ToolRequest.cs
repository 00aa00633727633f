using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments.OpenAi;

/// <summary>Reads the messages of a request with the tools that are offered, called and answered in it.</summary>
internal static class ToolRequest
{
    private const int MaxTools = 128;

    /// <exception cref="OpenAiException">A message, a tool or a call is none.</exception>
    public static IReadOnlyList<ChatMessage> Read(IReadOnlyList<MessageBody> bodies, CompletionBody request)
    {
        var (messages, ids) = (new List<ChatMessage>(), new List<string?>());
        for (var i = 0; i < bodies.Count; i++)
        {
            messages.Add(bodies[i].Role == "tool" ? Result(bodies[i], i, ids) : Said(bodies[i], i, ids));
        }

        return Offered(request) is { } tools ? [messages[0] with { Tools = tools }, .. messages.Skip(1)] : messages;
    }

    private static ChatMessage Said(MessageBody body, int index, List<string?> ids)
    {
        if (
            (
                body.CallId is not null ? "tool_call_id"
                : body.Name is not null ? "name"
                : null
            ) is
            { } field
        )
        {
            throw RequestReader.Bad($"messages[{index}].{field}", $"messages[{index}].{field} is supported for the role tool only.");
        }

        if (body.Calls is not { ValueKind: JsonValueKind.Array } calls || calls.GetArrayLength() == 0)
        {
            return RequestReader.Message(body, index);
        }

        if (body.Role != "assistant")
        {
            throw RequestReader.Bad($"messages[{index}].tool_calls", $"messages[{index}].tool_calls are for the role assistant.");
        }

        var said = body.Content is null or { ValueKind: JsonValueKind.Null } ? "" : RequestReader.Content(body.Content, index);
        var texts = calls.EnumerateArray().Select(call => Text(call, $"messages[{index}].tool_calls", ids)).ToList();
        var content = string.Join('\n', said.Length > 0 ? [said, .. texts] : texts);
        return RequestReader.Message(body with { Content = JsonSerializer.SerializeToElement(content), Calls = null }, index) with
        {
            Calls = texts.Count,
        };
    }

    private static ChatMessage Result(MessageBody body, int index, List<string?> ids)
    {
        var place = body.CallId is { } id
            ? ids.LastIndexOf(id)
            : throw RequestReader.Bad($"messages[{index}].tool_call_id", $"messages[{index}].tool_call_id is missing.");
        if (place < 0)
        {
            throw RequestReader.Bad($"messages[{index}].tool_call_id", $"messages[{index}].tool_call_id '{id}' is of no call before.");
        }

        var text = RequestReader.Message(new MessageBody("user", body.Content) { Others = body.Others }, index);
        return text with { Result = place + 1, Tool = body.Name };
    }

    private static string Text(JsonElement call, string where, List<string?> ids)
    {
        if (
            call.ValueKind != JsonValueKind.Object
            || !call.TryGetProperty("function", out var function)
            || TextOf(function, "name") is not { } name
            || TextOf(function, "arguments") is not { } arguments
        )
        {
            throw RequestReader.Bad(where, $"{where}: each must have a function with a name and its arguments as a text.");
        }

        ids.Add(TextOf(call, "id"));
        return ToolText.Write(name, IsObject(arguments) ? arguments : JsonSerializer.Serialize(arguments));
    }

    /// <returns>Null where no tool is offered, or none may be called.</returns>
    private static JsonElement? Offered(CompletionBody request)
    {
        if (
            request.Tools is not { ValueKind: not JsonValueKind.Null } tools
            || (request.Others?.TryGetValue("tool_choice", out var choice) == true && choice.ToString() == "none")
        )
        {
            return null;
        }

        if (tools.ValueKind != JsonValueKind.Array || tools.GetArrayLength() is 0 or > MaxTools || !tools.EnumerateArray().All(IsFunction))
        {
            throw RequestReader.Bad("tools", $"'tools' must be a list of one to {MaxTools} functions, each with a name.");
        }

        return tools.Clone();
    }

    private static bool IsFunction(JsonElement tool) =>
        TextOf(tool, "type") == "function" && tool.TryGetProperty("function", out var function) && TextOf(function, "name") is not null;

    private static bool IsObject(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false; // a text then, as the model wrote it
        }
    }

    private static string? TextOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
