using System.Globalization;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>
/// SQL that writes a column's values so that their JSON says what they are, however deep they lie in lists, objects and maps: numbers of
/// single precision with the digits they were given, 4.7 and not 4.699999809265137, and those that are none as null; a VARIANT as JSON,
/// since it is written as a text that is none (findings/duckdb-variant-to-json.sh).
/// </summary>
internal static class ParquetValues
{
    private const string Struct = "STRUCT(",
        Map = "MAP(";

    /// <param name="value">An expression of SQL.</param>
    /// <param name="type">Its type, as DuckDB writes it: <c>STRUCT(a FLOAT, "b c" VARCHAR[])</c>.</param>
    /// <param name="depth">Lists that it lies in.</param>
    public static string Write(string value, string type, int depth = 0) =>
        !Changes(type) ? value
        : type == "FLOAT" ? $"CASE WHEN isfinite({value}) THEN {value}::VARCHAR::JSON END"
        : type == "VARIANT" ? $"{value}::JSON"
        : type.EndsWith(']') ? List(value, type[..type.LastIndexOf('[')], depth)
        : type.StartsWith(Struct, StringComparison.Ordinal) ? Object(value, type, depth)
        : type.StartsWith(Map, StringComparison.Ordinal) ? Entries(value, type, depth)
        : value;

    /// <summary>
    /// A moment of INT96, or nothing where it lies before the year 1: Spark writes moments that are too far ahead for it so (they wrap
    /// around), and nobody can tell what they were.
    /// </summary>
    public static string OldTime(string value) => $"CASE WHEN year({value}) > 0 THEN {value} END";

    /// <summary>A name of a field or of a text type may hold the words too; then something is written anew as it was.</summary>
    private static bool Changes(string type) =>
        type.Contains("FLOAT", StringComparison.Ordinal) || type.Contains("VARIANT", StringComparison.Ordinal);

    private static string List(string value, string item, int depth) =>
        $"list_transform({value}, lambda {Name(depth)}: {Write(Name(depth), item, depth + 1)})";

    private static string Object(string value, string type, int depth)
    {
        var fields = Parts(type[Struct.Length..^1]).Select(NameAndType);
        var packed = fields.Select(field => $"{field.Name} := {Write($"({value}).{field.Name}", field.Type, depth)}");
        return $"CASE WHEN {value} IS NOT NULL THEN struct_pack({string.Join(", ", packed)}) END";
    }

    private static string Entries(string value, string type, int depth)
    {
        var (entry, parts) = (Name(depth), Parts(type[Map.Length..^1]));
        return $"map_from_entries(list_transform(map_entries({value}), lambda {entry}: struct_pack(key := {entry}.key, value := {Write(entry + ".value", parts[1], depth + 1)})))";
    }

    /// <summary>Lists lie in lists, so that each has a name of its own for its items.</summary>
    private static string Name(int depth) => string.Create(CultureInfo.InvariantCulture, $"item{depth}");

    /// <summary>What stands between the commas that lie in no brackets and no quotes.</summary>
    private static List<string> Parts(string text)
    {
        var (parts, from, open, quoted) = (new List<string>(), 0, 0, false);
        for (var i = 0; i < text.Length; i++)
        {
            quoted ^= text[i] == '"';
            open +=
                quoted ? 0
                : text[i] == '(' ? 1
                : text[i] == ')' ? -1
                : 0;
            if (text[i] == ',' && open == 0 && !quoted)
            {
                parts.Add(text[from..i].Trim());
                from = i + 1;
            }
        }

        return [.. parts, text[from..].Trim()];
    }

    /// <summary>A quoted name ends at a quote that isn't doubled, any other at the first space.</summary>
    private static (string Name, string Type) NameAndType(string field)
    {
        var end = 1;
        while (field[0] == '"' ? field[end] != '"' || field[end + 1] == '"' : field[end] != ' ')
        {
            end += field[0] == '"' && field[end] == '"' ? 2 : 1;
        }

        end += field[0] == '"' ? 1 : 0;
        return (field[..end], field[(end + 1)..]);
    }
}
