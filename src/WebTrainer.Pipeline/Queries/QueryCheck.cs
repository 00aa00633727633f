using System.Text.Json;
using DuckDB.NET.Data;

namespace WebTrainer.Pipeline.Queries;

/// <summary>
/// Refuses all but one SELECT over the table <c>rows</c> by functions that compute. It is read as DuckDB's own parser reads it, and looked
/// at as the tree that this gives: what isn't known to be harmless is refused by its name.
/// </summary>
internal static class QueryCheck
{
    public const string Table = "rows";

    /// <summary>Where the parser itself puts what it makes of brackets and the like.</summary>
    private const string OwnSchema = "main";

    /// <summary>Levels of JSON that the deepest expression DuckDB takes (1,000) can make.</summary>
    private const int MaxDepth = 20_000;

    private static readonly HashSet<string> s_expressions = new(StringComparer.Ordinal)
    {
        "BETWEEN",
        "CASE",
        "CAST",
        "COLLATE",
        "COLUMN_REF",
        "COMPARISON",
        "CONJUNCTION",
        "CONSTANT",
        "FUNCTION",
        "LAMBDA",
        "LAMBDA_REF",
        "OPERATOR",
        "POSITIONAL_REFERENCE",
        "STAR",
        "SUBQUERY",
        "WINDOW",
    };

    private static readonly HashSet<string> s_tables = new(StringComparer.Ordinal)
    {
        "BASE_TABLE",
        "COLUMN_DATA",
        "EMPTY",
        "EXPRESSION_LIST",
        "JOIN",
        "PIVOT",
        "SUBQUERY",
        "TABLE_FUNCTION",
    };

    private static readonly HashSet<string> s_nodes = new(StringComparer.Ordinal)
    {
        "CTE_NODE",
        "RECURSIVE_CTE_NODE",
        "SELECT_NODE",
        "SET_OPERATION_NODE",
    };

    /// <exception cref="DataProblemException">It is none; the sentence says what is wrong.</exception>
    public static void Check(DuckDBConnection connection, string query)
    {
        using var parsed = Parse(connection, query);
        var root = parsed.RootElement;
        if (root.GetProperty("error").GetBoolean())
        {
            throw new DataProblemException(
                $"Write one SELECT over the table {Table}. DuckDB says: {root.GetProperty("error_message").GetString()}"
            );
        }

        if (root.GetProperty("statements").GetArrayLength() != 1)
        {
            throw new DataProblemException($"Write one SELECT over the table {Table}, and no statement beside it.");
        }

        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { Table };
        AddNames(root, names);
        Check(root, names);
    }

    private static JsonDocument Parse(DuckDBConnection connection, string query)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT CAST(json_serialize_sql(CAST($query AS VARCHAR)) AS VARCHAR)";
        command.Parameters.Add(new DuckDBParameter("query", query));
        return JsonDocument.Parse((string)command.ExecuteScalar()!, new JsonDocumentOptions { MaxDepth = MaxDepth });
    }

    /// <summary>Names that the query gives to its own parts (WITH).</summary>
    private static void AddNames(JsonElement element, HashSet<string> names)
    {
        if (
            element.ValueKind == JsonValueKind.Object
            && element.TryGetProperty("cte_map", out var parts)
            && parts.TryGetProperty("map", out var map)
        )
        {
            foreach (var part in map.EnumerateArray())
            {
                names.Add(part.GetProperty("key").GetString()!);
            }
        }

        foreach (var child in Children(element))
        {
            AddNames(child, names);
        }
    }

    private static void Check(JsonElement element, HashSet<string> names)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            CheckObject(element, names);
        }

        foreach (var child in Children(element))
        {
            Check(child, names);
        }
    }

    private static void CheckObject(JsonElement element, HashSet<string> names)
    {
        var type = Text(element, "type");
        if (Text(element, "class") is { } kind)
        {
            Require(s_expressions.Contains(kind), kind, "an expression");
        }
        else if (element.TryGetProperty("cte_map", out _))
        {
            Require(type is not null && s_nodes.Contains(type), type, "a part of a query");
        }
        else if (element.TryGetProperty("alias", out _) && element.TryGetProperty("sample", out _))
        {
            CheckTable(element, type, names);
        }

        if (Text(element, "function_name") is { } function)
        {
            CheckFunction(element, function);
        }
    }

    private static void CheckTable(JsonElement element, string? type, HashSet<string> names)
    {
        Require(type is not null && s_tables.Contains(type), type, "a table");
        if (type == "BASE_TABLE")
        {
            var name = Text(element, "table_name") ?? "";
            if (!names.Contains(name) || !IsPlain(element, "schema_name") || !IsPlain(element, "catalog_name"))
            {
                throw new DataProblemException($"There is no table '{name}' here: the version is the table {Table}.");
            }
        }
        else if (type == "TABLE_FUNCTION")
        {
            var name = element.TryGetProperty("function", out var call) ? Text(call, "function_name") : null;
            if (name is null || !QueryFunctions.MakesRows(name))
            {
                throw new DataProblemException($"'{name}' can't be read from here: the version is the table {Table}.");
            }
        }
    }

    private static void CheckFunction(JsonElement element, string name)
    {
        if (!QueryFunctions.Computes(name) || !IsPlain(element, "schema", OwnSchema) || !IsPlain(element, "catalog"))
        {
            throw new DataProblemException(
                $"The function '{name}' can't be used here. Those that compute can: of texts, numbers, times, lists and JSON, and aggregates."
            );
        }
    }

    private static void Require(bool known, string? name, string what)
    {
        if (!known)
        {
            throw new DataProblemException($"'{name}' as {what} can't be used here. Write one SELECT over the table {Table}.");
        }
    }

    private static bool IsPlain(JsonElement element, string name, string? usual = null) =>
        Text(element, name) is null or "" || usual is not null && Text(element, name) == usual;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IEnumerable<JsonElement> Children(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject().Select(property => property.Value),
            JsonValueKind.Array => element.EnumerateArray(),
            _ => [],
        };
}
