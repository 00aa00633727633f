using System.Text.Json;
using System.Text.Json.Nodes;

namespace WebTrainer.Protocol;

/// <summary>The texts within a JSON value.</summary>
public static class JsonWords
{
    /// <summary>All names and texts.</summary>
    public static IEnumerable<string> In(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array => value.EnumerateArray().SelectMany(In),
            JsonValueKind.Object => value.EnumerateObject().SelectMany(property => In(property.Value).Prepend(property.Name)),
            _ => [],
        };

    /// <summary>The same value with each name and text mapped.</summary>
    public static JsonElement Map(JsonElement value, Func<string, string> map) =>
        In(value).All(text => map(text) == text) ? value : JsonSerializer.SerializeToElement(Mapped(value, map));

    private static JsonNode? Mapped(JsonElement value, Func<string, string> map)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return JsonValue.Create(map(value.GetString()!));
            case JsonValueKind.Array:
                return new JsonArray([.. value.EnumerateArray().Select(item => Mapped(item, map))]);
            case JsonValueKind.Object:
                var mapped = new JsonObject();
                foreach (var property in value.EnumerateObject())
                {
                    mapped[map(property.Name)] = Mapped(property.Value, map);
                }

                return mapped;
            default:
                return JsonValue.Create(value);
        }
    }
}
