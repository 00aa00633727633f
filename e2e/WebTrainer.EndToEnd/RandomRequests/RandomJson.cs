using System.Text.Json;
using System.Text.Json.Nodes;

namespace WebTrainer.EndToEnd.RandomRequests;

/// <summary>Values by a schema of the API's own description: right ones, and ones that are a little wrong.</summary>
/// <param name="schemas">The description's <c>components/schemas</c>.</param>
/// <param name="things">What exists, by the name of the field that names such a thing.</param>
internal sealed class RandomJson(JsonElement schemas, KnownThings things, Random random)
{
    /// <summary>A text that people might have written, and that no log may hold.</summary>
    public const string Telltale = "my card is lost";

    private const int MostDepth = 6;
    private const int MostItems = 3;
    private static readonly string[] s_words =
    [
        "text",
        "label",
        "prompt",
        "completion",
        "category",
        "refund",
        Telltale,
        "سلام دنیا",
        "0.5",
        "a b c",
        "=1+1",
        "<b>x</b>",
        "",
    ];

    /// <summary>A value that fits the schema, as far as a schema can tell.</summary>
    public JsonNode? Value(JsonElement schema, string name, int depth = 0)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            return Value(schemas.GetProperty(reference.GetString()!.Split('/')[^1]), name, depth);
        }

        if (schema.TryGetProperty("oneOf", out var choices) || schema.TryGetProperty("anyOf", out choices))
        {
            return depth > MostDepth ? null : Value(choices[random.Next(choices.GetArrayLength())], name, depth + 1);
        }

        if (schema.TryGetProperty("enum", out var members))
        {
            return JsonNode.Parse(members[random.Next(members.GetArrayLength())].GetRawText());
        }

        return TypeOf(schema) switch
        {
            "object" => Object(schema, depth),
            "array" => depth > MostDepth || !schema.TryGetProperty("items", out var item) ? new JsonArray() : Array(item, name, depth),
            "integer" => random.Next(-1, 50),
            "number" => Math.Round(random.NextDouble(), 3),
            "boolean" => random.Next(2) == 0,
            "null" => null,
            _ => Text(name),
        };
    }

    /// <summary>The same with one thing wrong somewhere in it.</summary>
    public JsonNode? Spoil(JsonNode? value)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } fields when random.Next(4) > 0:
                var name = fields.ElementAt(random.Next(fields.Count)).Key;
                var inside = fields[name];
                fields.Remove(name);
                if (random.Next(5) > 0)
                {
                    fields[name] = Spoil(inside);
                }

                return fields;
            case JsonArray { Count: > 0 } items when random.Next(4) > 0:
                var place = random.Next(items.Count);
                var item = items[place];
                items[place] = null;
                items[place] = Spoil(item);
                return items;
            default:
                return Wrong();
        }
    }

    /// <summary>A text where the name says what it is of, else any.</summary>
    public string Text(string name) =>
        random.Next(8) > 0 && things.Find(name, random) is { } known ? known : s_words[random.Next(s_words.Length)];

    private JsonNode? Wrong() =>
        random.Next(14) switch
        {
            0 => null,
            1 => "",
            2 => -1,
            3 => int.MaxValue,
            4 => long.MinValue,
            5 => 1e300,
            6 => "NaN",
            7 => new string('x', 10_000),
            8 => "no such choice",
            9 => "line\nbreak\u0000nul\u202e",
            10 => new JsonArray([.. Enumerable.Range(0, 500).Select(i => (JsonNode)i)]),
            11 => new JsonObject { ["unknown"] = 1 },
            12 => Guid.NewGuid().ToString(),
            _ => true,
        };

    private JsonObject Object(JsonElement schema, int depth)
    {
        var made = new JsonObject();
        var required = schema.TryGetProperty("required", out var names)
            ? [.. names.EnumerateArray().Select(n => n.GetString()!)]
            : new HashSet<string>();
        if (schema.TryGetProperty("properties", out var properties))
        {
            foreach (var property in properties.EnumerateObject())
            {
                if (required.Contains(property.Name) || (depth < MostDepth && random.Next(3) == 0))
                {
                    made[property.Name] = Value(property.Value, property.Name, depth + 1);
                }
            }
        }

        if (schema.TryGetProperty("additionalProperties", out var values) && values.ValueKind == JsonValueKind.Object && depth < MostDepth)
        {
            made[s_words[random.Next(s_words.Length)]] = Value(values, "", depth + 1);
        }

        return made;
    }

    private JsonArray Array(JsonElement item, string name, int depth) =>
        [.. Enumerable.Range(0, random.Next(MostItems + 1)).Select(_ => Value(item, name.TrimEnd('s'), depth + 1))];

    // A field of several types is a number that may also be written as a text, or one that may be null.
    private string TypeOf(JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out var type))
        {
            return "string";
        }

        if (type.ValueKind == JsonValueKind.String)
        {
            return type.GetString()!;
        }

        var types = type.EnumerateArray().Select(t => t.GetString()!).ToList();
        return types.Contains("null") && random.Next(3) == 0 ? "null" : types.First(t => t != "null");
    }
}
