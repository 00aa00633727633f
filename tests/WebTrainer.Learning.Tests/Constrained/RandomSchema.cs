using System.Text.Json.Nodes;
using WebTrainer.Statistics;

namespace WebTrainer.Learning.Tests.Constrained;

/// <summary>Schemas of what is supported, made up.</summary>
internal sealed class RandomSchema(long seed)
{
    private static readonly string[] s_names = ["name", "age", "naïve", "a\"b", "tags", "سن", "x"];
    private SplitMix _random = SplitMix.Of(seed, 0);

    public JsonObject Make(int depth) =>
        Next(depth > 0 ? 9 : 6) switch
        {
            0 => Numbers("integer"),
            1 => Numbers("number"),
            2 => new JsonObject { ["type"] = "string", ["description"] = "any text" },
            3 => new JsonObject { ["type"] = new JsonArray("boolean", "null") },
            4 => new JsonObject { ["enum"] = new JsonArray("yes", "no", "yes, but", 7, null) },
            5 => new JsonObject
            {
                ["type"] = "string",
                ["minLength"] = Next(3),
                ["maxLength"] = 3 + Next(4),
            },
            6 => new JsonObject
            {
                ["type"] = "array",
                ["items"] = Make(depth - 1),
                ["minItems"] = Next(2),
                ["maxItems"] = 1 + Next(3),
            },
            7 => new JsonObject { ["anyOf"] = new JsonArray(Make(depth - 1), Make(depth - 1)) },
            _ => Object(depth),
        };

    private JsonObject Numbers(string type)
    {
        var from = Next(400) - 200;
        var numbers = new JsonObject { ["type"] = type };
        if (Next(2) == 0)
        {
            numbers["minimum"] = type == "number" ? from - 0.125 : from;
        }

        if (Next(2) == 0)
        {
            numbers["exclusiveMaximum"] = from + 1 + Next(50);
        }

        return numbers;
    }

    private JsonObject Object(int depth)
    {
        var (properties, required) = (new JsonObject(), new JsonArray());
        foreach (var name in s_names)
        {
            if (Next(3) == 0)
            {
                properties[name] = Make(depth - 1);
                if (Next(3) > 0)
                {
                    required.Add((JsonNode)name);
                }
            }
        }

        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = required,
            ["additionalProperties"] = false,
        };
    }

    private int Next(int below) => (int)(_random.Share() * below);
}
