using System.Text.Json;
using System.Text.Json.Nodes;

namespace WebTrainer.Pipeline.Import;

/// <summary>The tools that a row offers, as OpenAI's API takes them; a list, or the text of one as some collections store it.</summary>
internal static class ToolList
{
    /// <returns>Null where the field holds none.</returns>
    public static JsonElement? Read(SourceFields fields, string name)
    {
        var text = fields.KindOf(name) switch
        {
            FieldKind.List => fields.Json(name),
            FieldKind.Text => fields.Text(name),
            _ => null,
        };
        try
        {
            return JsonNode.Parse(text ?? "null") is JsonArray { Count: > 0 } list && list.All(IsTool)
                ? JsonSerializer.SerializeToElement(new JsonArray([.. list.Select(Wrapped)]))
                : null;
        }
        catch (JsonException)
        {
            return null; // words, not JSON
        }
    }

    private static bool IsTool(JsonNode? tool) =>
        tool is JsonObject found && (found["function"] ?? found) is JsonObject function && function.ContainsKey("name");

    /// <summary>The older way has the function alone.</summary>
    private static JsonNode Wrapped(JsonNode? tool) =>
        tool!["function"] is null ? new JsonObject { ["type"] = "function", ["function"] = tool.DeepClone() } : tool.DeepClone();
}
