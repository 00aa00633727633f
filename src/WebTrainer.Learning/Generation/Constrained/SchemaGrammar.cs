using System.Text.Json;

namespace WebTrainer.Learning.Generation.Constrained;

/// <summary>
/// The JSON that holds to a schema (draft 2020-12, of it what OpenAI's structured outputs take) as a grammar. Every word of the schema is
/// either kept or refused by its path.
/// </summary>
internal sealed class SchemaGrammar
{
    /// <summary>How often a schema may lead to itself, and how deep values of any form are nested.</summary>
    public const int MostNesting = 16;

    /// <summary>Largest <c>minLength</c> and <c>minItems</c>.</summary>
    public const int MostRequired = 4096;

    /// <summary>Parts that a grammar is made of, unrolled.</summary>
    private const int MostParts = 100_000;

    /// <summary>They tell people something and restrict no value.</summary>
    private static readonly HashSet<string> s_notes =
    [
        "$schema",
        "$id",
        "$comment",
        "$defs",
        "definitions",
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
    ];

    private static readonly string[] s_types = ["object", "array", "string", "number", "integer", "boolean", "null"];
    private readonly JsonElement _root;
    private readonly Dictionary<(string Reference, int Depth), Grammar> _references = [];
    private readonly Dictionary<int, Grammar> _any = [];
    private int _parts;

    private SchemaGrammar(JsonElement root) => _root = root;

    /// <exception cref="ConstraintException">The schema holds what is not supported, or no JSON holds to it.</exception>
    public static Grammar Of(JsonElement schema)
    {
        var grammar = new SchemaGrammar(schema).Read(schema, "", 0);
        return grammar.LeastBytes < Grammar.Never
            ? grammar
            : throw new ConstraintException($"No JSON of at most {MostNesting} levels holds to the schema.");
    }

    private Grammar Read(JsonElement schema, string path, int depth)
    {
        if (++_parts > MostParts)
        {
            throw new ConstraintException($"The schema is too large: unrolled, it has more than {MostParts} parts.");
        }

        if (schema.ValueKind == JsonValueKind.True)
        {
            return AnyValue(depth);
        }

        if (schema.ValueKind != JsonValueKind.Object)
        {
            throw Wrong(path, "must be a schema, which is an object");
        }

        var words = new SchemaWords(schema, path);
        var grammar =
            words.Take("$ref") is { } reference ? Follow(reference, words.PathOf("$ref"), depth)
            : words.Take("anyOf") is { } options ? AnyOf(options, words.PathOf("anyOf"), depth)
            : words.Take("const") is { } constant ? Constants([constant], words)
            : words.Take("enum") is { } values ? Constants(Listed(values, words.PathOf("enum")), words)
            : OfTypes(words, depth);
        words.RefuseRest(s_notes);
        return grammar;
    }

    private Grammar Follow(JsonElement reference, string path, int depth)
    {
        var name = reference.ValueKind == JsonValueKind.String ? reference.GetString()! : throw Wrong(path, "must be a text");
        if (depth >= MostNesting)
        {
            return Grammar.Impossible;
        }

        if (!_references.TryGetValue((name, depth), out var grammar))
        {
            _references[(name, depth)] = grammar = Read(Find(name, path), name == "#" ? "" : name, depth + 1);
        }

        return grammar;
    }

    /// <summary>A JSON pointer (RFC 6901) into this very schema.</summary>
    private JsonElement Find(string reference, string path)
    {
        if (reference != "#" && !reference.StartsWith("#/", StringComparison.Ordinal))
        {
            throw Wrong(path, $"'{reference}' leads out of the schema; only '#/…' is supported");
        }

        var found = _root;
        foreach (var part in reference.Split('/').Skip(1))
        {
            var name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(name, out found))
            {
                throw Wrong(path, $"'{reference}' is not in the schema");
            }
        }

        return found;
    }

    private Grammar AnyOf(JsonElement options, string path, int depth) =>
        Grammar.Any([.. Listed(options, path).Select((option, place) => Read(option, $"{path}[{place}]", depth))]);

    private static Grammar Constants(IEnumerable<JsonElement> values, SchemaWords words)
    {
        var types = words.Take("type") is { } type ? TypesOf(type, words.PathOf("type")) : s_types;
        return Grammar.Any([.. values.Where(value => types.Any(name => Is(value, name))).Select(JsonGrammar.Constant)]);
    }

    private static bool Is(JsonElement value, string type) =>
        value.ValueKind switch
        {
            JsonValueKind.Object => type == "object",
            JsonValueKind.Array => type == "array",
            JsonValueKind.String => type == "string",
            JsonValueKind.Number => type == "number" || (type == "integer" && value.TryGetDecimal(out var number) && number % 1 == 0),
            JsonValueKind.True or JsonValueKind.False => type == "boolean",
            _ => type == "null",
        };

    private Grammar OfTypes(SchemaWords words, int depth)
    {
        if (words.Take("type") is { } type)
        {
            return Grammar.Any([.. TypesOf(type, words.PathOf("type")).Select(name => OfType(name, words, depth))]);
        }

        return words.Has("properties") ? throw Wrong(words.PathOf("type"), "is missing: say \"object\" where there are properties")
            : words.Has("items") ? throw Wrong(words.PathOf("type"), "is missing: say \"array\" where there are items")
            : AnyValue(depth);
    }

    private Grammar OfType(string type, SchemaWords words, int depth) =>
        type switch
        {
            "object" => Object(words, depth),
            "array" => Array(words, depth),
            "string" => JsonGrammar.Text(words.TakeCount("minLength", MostRequired) ?? 0, words.TakeCount("maxLength", int.MaxValue)),
            "number" => Number(words, NumberGrammar.Step, NumberGrammar.Numbers),
            "integer" => Number(words, 0, NumberGrammar.Integers),
            "boolean" => Grammar.Any(Grammar.Text("true"), Grammar.Text("false")),
            _ => Grammar.Text("null"),
        };

    /// <param name="words">Of the schema.</param>
    /// <param name="step">Between a bound that is left out and the next number; 0 for whole numbers.</param>
    /// <param name="make">From both bounds.</param>
    private static Grammar Number(SchemaWords words, decimal step, Func<decimal?, decimal?, Grammar> make)
    {
        decimal? Beyond(string name, int sign) =>
            words.TakeNumber(name) is { } bound
                ? bound
                    + (
                        sign
                        * (
                            step > 0 ? step
                            : bound % 1 == 0 ? 1
                            : 0
                        )
                    )
                : null;
        decimal?[] least = [words.TakeNumber("minimum"), Beyond("exclusiveMinimum", 1)];
        decimal?[] most = [words.TakeNumber("maximum"), Beyond("exclusiveMaximum", -1)];
        return make(least.Max(), most.Min());
    }

    private Grammar Array(SchemaWords words, int depth)
    {
        var item = words.Take("items") is { } items ? Read(items, words.PathOf("items"), depth) : AnyValue(depth);
        return JsonGrammar.Array(item, words.TakeCount("minItems", MostRequired) ?? 0, words.TakeCount("maxItems", int.MaxValue));
    }

    private Grammar Object(SchemaWords words, int depth)
    {
        var required = words.Take("required") is { } names ? TextsOf(names, words.PathOf("required")) : [];
        var more = words.Take("additionalProperties");
        if (words.Take("properties") is not { } properties)
        {
            return required is [var missing, ..] ? throw Wrong(words.PathOf("required"), $"names '{missing}', which is no property")
                : more is { ValueKind: JsonValueKind.False } ? Grammar.Text("{}")
                : JsonGrammar.Map(more is { } value ? Read(value, words.PathOf("additionalProperties"), depth) : AnyValue(depth));
        }

        if (more is not (null or { ValueKind: JsonValueKind.False }))
        {
            throw Wrong(words.PathOf("additionalProperties"), "is supported beside properties only as false");
        }

        if (properties.ValueKind != JsonValueKind.Object)
        {
            throw Wrong(words.PathOf("properties"), "must be an object");
        }

        var members = properties
            .EnumerateObject()
            .Select(property =>
                (
                    property.Name,
                    Value: Grammar.All(
                        JsonGrammar.Name(property.Name),
                        JsonGrammar.Colon,
                        Read(property.Value, $"{words.PathOf("properties")}.{property.Name}", depth)
                    )
                )
            )
            .ToList();
        return required.FirstOrDefault(name => members.All(member => member.Name != name)) is { } unknown
            ? throw Wrong(words.PathOf("required"), $"names '{unknown}', which is no property")
            : Grammar.All(Grammar.Text("{"), Members(members, [.. required]), Grammar.Text("}"));
    }

    /// <summary>In the order of the schema; those that are not required may be left out.</summary>
    private static Grammar Members(List<(string Name, Grammar Value)> members, HashSet<string> required)
    {
        // what follows a member, and what follows where none was written yet
        var (behind, first) = (Grammar.Nothing, Grammar.Nothing);
        for (var i = members.Count - 1; i >= 0; i--)
        {
            var (name, value) = members[i];
            var (next, begin) = (Grammar.All(JsonGrammar.Comma, value, behind), Grammar.All(value, behind));
            (behind, first) = required.Contains(name) ? (next, begin) : (Grammar.Any(next, behind), Grammar.Any(begin, first));
        }

        return first;
    }

    private Grammar AnyValue(int depth)
    {
        if (_any.TryGetValue(depth, out var known))
        {
            return known;
        }

        Grammar[] plain =
        [
            JsonGrammar.AnyText,
            NumberGrammar.Numbers(null, null),
            Grammar.Text("true"),
            Grammar.Text("false"),
            Grammar.Text("null"),
        ];
        if (depth >= MostNesting)
        {
            return _any[depth] = Grammar.Any(plain);
        }

        var inner = AnyValue(depth + 1);
        return _any[depth] = Grammar.Any([JsonGrammar.Map(inner), JsonGrammar.Array(inner, 0, null), .. plain]);
    }

    private static string[] TypesOf(JsonElement type, string path)
    {
        var names = type.ValueKind == JsonValueKind.String ? [type.GetString()!] : TextsOf(type, path);
        return names.FirstOrDefault(name => !s_types.Contains(name)) is { } unknown ? throw Wrong(path, $"'{unknown}' is no type")
            : names.Length > 0 ? names
            : throw Wrong(path, "must name a type");
    }

    private static string[] TextsOf(JsonElement list, string path) =>
        [
            .. Listed(list, path)
                .Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : throw Wrong(path, "must hold texts only")),
        ];

    private static JsonElement.ArrayEnumerator Listed(JsonElement list, string path) =>
        list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : throw Wrong(path, "must be a list");

    private static ConstraintException Wrong(string path, string what) => SchemaWords.Wrong(path, what);
}

/// <summary>The words of one schema, each of which is taken once it is kept; the rest is refused.</summary>
internal sealed class SchemaWords(JsonElement schema, string path)
{
    /// <summary>Beyond all numbers that are written; bounds further out mean the same, and can be reckoned with.</summary>
    private const decimal FarBound = 10_000_000_000_000_000m;

    private readonly HashSet<string> _taken = [];

    public bool Has(string name) => schema.TryGetProperty(name, out _);

    /// <returns>Null where the schema doesn't have it.</returns>
    public JsonElement? Take(string name) => schema.TryGetProperty(name, out var value) && (_taken.Add(name) || true) ? value : null;

    /// <summary>A whole number from 0.</summary>
    public int? TakeCount(string name, int most) =>
        Take(name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out var count) && count >= 0 && count <= most => count,
            _ => throw Wrong(PathOf(name), $"must be a whole number between 0 and {most}"),
        };

    public decimal? TakeNumber(string name) =>
        Take(name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.Number } number when number.TryGetDecimal(out var value) => Math.Clamp(value, -FarBound, FarBound),
            _ => throw Wrong(PathOf(name), "must be a number that a decimal holds"),
        };

    /// <exception cref="ConstraintException">A word was not taken and is no note.</exception>
    public void RefuseRest(IReadOnlySet<string> notes)
    {
        foreach (
            var word in schema.EnumerateObject().Select(word => word.Name).Where(word => !_taken.Contains(word) && !notes.Contains(word))
        )
        {
            throw Wrong(PathOf(word), "is not supported here. Leave it out, or check the answer by it yourself");
        }
    }

    public string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

    public static ConstraintException Wrong(string path, string what) =>
        new($"'{(path.Length == 0 ? "schema" : path)}' of the schema {what}.");
}
