using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments.OpenAi;

/// <summary>
/// Reads what a request wants its answer to be held to. The schema itself is read by the worker, which refuses by its paths.
/// </summary>
internal static class ConstraintReader
{
    public const string Field = "response_format";
    private const string ChoiceField = "guided_choice";
    private const int MaxChoices = 1000;

    /// <summary>What stands in a schema's wrapper.</summary>
    private static readonly HashSet<string> s_ofSchema = ["name", "description", "schema", "strict"];

    /// <returns>Null where any text will do.</returns>
    /// <exception cref="OpenAiException">The format is none, or there are two.</exception>
    public static AnswerConstraint? Of(CompletionBody body)
    {
        var format = body.ResponseFormat is { ValueKind: not JsonValueKind.Null } asked ? OfFormat(asked) : null;
        return body.GuidedChoice is not { ValueKind: not JsonValueKind.Null } choice ? format
            : format is null ? new AnswerConstraint { Choices = ChoicesOf(choice) }
            : throw Bad(ChoiceField, $"'{ChoiceField}' and '{Field}' can't both be kept. Send one of them.");
    }

    /// <summary>The format of <c>/v1/responses</c>, in which the schema stands beside the type, as that of a chat.</summary>
    /// <param name="text">The request's field <c>text</c>.</param>
    public static JsonElement? FormatIn(JsonElement? text)
    {
        if (text is not { ValueKind: not JsonValueKind.Null } options)
        {
            return null;
        }

        var fields = Fields(options, "text");
        var format = fields.Remove("format", out var named) && named.ValueKind != JsonValueKind.Null ? named : (JsonElement?)null;
        OtherFields.Refuse(fields, "text.");
        if (format is not { } asked || TypeOf(asked, "text.format") != "json_schema")
        {
            return format;
        }

        var schema = Fields(asked, "text.format");
        schema.Remove("type");
        return JsonSerializer.SerializeToElement(new { type = "json_schema", json_schema = schema });
    }

    private static AnswerConstraint? OfFormat(JsonElement format)
    {
        var type = TypeOf(format, Field);
        var fields = Fields(format, Field);
        fields.Remove("type");
        if (type != "json_schema" || !fields.Remove("json_schema", out var wrapper))
        {
            OtherFields.Refuse(fields, Field + ".");
            return type switch
            {
                "text" => null,
                "json_object" => AnswerConstraint.AnyObject,
                "json_schema" => throw Bad($"{Field}.json_schema", $"'{Field}.json_schema' is missing."),
                _ => throw Bad($"{Field}.type", $"'{Field}.type' is '{type}'; it must be text, json_object or json_schema."),
            };
        }

        OtherFields.Refuse(fields, Field + ".");
        var parts = Fields(wrapper, $"{Field}.json_schema");
        OtherFields.Refuse(parts.Where(part => !s_ofSchema.Contains(part.Key)).ToDictionary(), $"{Field}.json_schema.");
        return parts.TryGetValue("schema", out var schema) && schema.ValueKind == JsonValueKind.Object
            ? new AnswerConstraint { Schema = schema.Clone() }
            : throw Bad($"{Field}.json_schema.schema", $"'{Field}.json_schema.schema' must be an object.");
    }

    private static string[] ChoicesOf(JsonElement choice)
    {
        if (choice.ValueKind != JsonValueKind.Array || choice.GetArrayLength() is 0 or > MaxChoices || !choice.EnumerateArray().All(IsText))
        {
            throw Bad(
                ChoiceField,
                $"'{ChoiceField}' must be a list of 1 to {MaxChoices} texts, none of them empty or with white space around it."
            );
        }

        return [.. choice.EnumerateArray().Select(item => item.GetString()!).Distinct()];
    }

    private static bool IsText(JsonElement item) =>
        item.ValueKind == JsonValueKind.String && item.GetString() is { Length: > 0 } text && text.Trim().Length == text.Length;

    private static string TypeOf(JsonElement format, string where) =>
        format.ValueKind == JsonValueKind.Object && format.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            ? type.GetString()!
            : throw Bad(where, $"'{where}' must be an object with a type.");

    private static Dictionary<string, JsonElement> Fields(JsonElement value, string where)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Bad(where, $"'{where}' must be an object.");
        }

        var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var field in value.EnumerateObject())
        {
            fields[field.Name] = field.Value;
        }

        return fields;
    }

    private static OpenAiException Bad(string field, string message) => OpenAiException.Bad(field, message);
}
