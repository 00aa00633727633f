using System.Text.Json;

namespace WebTrainer.Portal.Hosting;

/// <summary>Says what is wrong with JSON that somebody sent, and where in it.</summary>
public static class JsonFault
{
    private const string Root = "$";

    /// <summary>The library's words for a value of another kind name this program's types, which tell the sender nothing.</summary>
    private const string OtherKind = "The JSON value could not be converted";

    private const string KindUnsaid = "The JSON payload for polymorphic interface or abstract type";

    private const string Missing = "was missing required properties including:";

    private const string Unknown = "could not be mapped to any .NET member";

    public static string Describe(JsonException fault)
    {
        if (fault.Message.Contains(Unknown, StringComparison.Ordinal))
        {
            return $"'{fault.Message.Split('\'')[1]}' is no field that is known here. It may be misspelt, or nobody's to set; leave it out.";
        }

        if (fault.Message.Split(Missing) is [_, var names])
        {
            return $"{names.Split(". Path")[0].Trim().TrimEnd('.')} is missing{(fault.Path is { } inside && inside != Root ? $" in '{inside[2..]}'" : "")}.";
        }

        var place =
            fault.Path is { } path && path != Root ? $"'{path[(path.StartsWith("$.", StringComparison.Ordinal) ? 2 : 1)..]}'" : "the value";
        var where = fault is { LineNumber: { } line, BytePositionInLine: { } position } ? $" (line {line + 1}, byte {position + 1})" : "";
        return fault.Message.StartsWith(OtherKind, StringComparison.Ordinal)
            ? $"{place} has a value of another kind than is expected there{where}."
            : fault.Message.Split(" Path: ")[0].Split(" LineNumber: ")[0].TrimEnd() + (fault.Path is null ? "" : $" At {place}") + where;
    }

    /// <summary>An object that may be one of several kinds says none; the library throws what is no fault of JSON for that.</summary>
    public static bool IsKindUnsaid(NotSupportedException exception) => exception.Message.StartsWith(KindUnsaid, StringComparison.Ordinal);

    public static string DescribeUnsaid(NotSupportedException exception) =>
        exception.Message.Split(" Path: $") is [_, var place, ..]
            ? $"'{place.Split(' ')[0].TrimStart('.')}' doesn't say what kind it is."
            : "an object doesn't say what kind it is.";

    /// <returns>The place of a text that is no Unicode, as <c>messages[2].content</c>; null where all is whole.</returns>
    public static string? BrokenTextIn(JsonElement value, string place = "")
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return IsWhole(() => value.GetString()) ? null : $"'{place}'";
            case JsonValueKind.Array:
                return value
                    .EnumerateArray()
                    .Select((item, index) => BrokenTextIn(item, $"{place}[{index}]"))
                    .FirstOrDefault(found => found is not null);
            case JsonValueKind.Object:
                foreach (var field in value.EnumerateObject())
                {
                    if (!IsWhole(() => field.Name))
                    {
                        return $"The name of a field of '{place}'";
                    }

                    if (BrokenTextIn(field.Value, place.Length == 0 ? field.Name : $"{place}.{field.Name}") is { } found)
                    {
                        return found;
                    }
                }

                return null;
            default:
                return null;
        }
    }

    // The library has no other way to ask.
    private static bool IsWhole(Func<string?> read)
    {
        try
        {
            read();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
