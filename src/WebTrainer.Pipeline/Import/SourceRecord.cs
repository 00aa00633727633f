using System.Text.Json;

namespace WebTrainer.Pipeline.Import;

/// <summary>One record of a file: its fields, or why it has none. Valid until the next record is read.</summary>
/// <param name="Line">Where it begins (<see cref="SourcePlace"/>).</param>
internal readonly record struct SourceRecord(long Line, SourceFields? Fields, RowProblem? Problem)
{
    public static SourceRecord Good(long line, SourceFields fields) => new(line, fields, null);

    public static SourceRecord Broken(long line, string message, string? key = null) => new(line, null, new RowProblem(line, key, message));
}

internal enum FieldKind
{
    Missing,
    Text,
    Number,
    Truth,
    List,
    Object,
}

/// <summary>The fields of one record, by name.</summary>
internal abstract class SourceFields
{
    public abstract IEnumerable<string> Names { get; }

    public abstract FieldKind KindOf(string name);

    /// <returns>The field's text; null where it is missing or null.</returns>
    /// <exception cref="BrokenRowException">It isn't text, or no valid one.</exception>
    public abstract string? Text(string name);

    /// <returns>The objects in a field that holds a list.</returns>
    /// <exception cref="BrokenRowException">It is something else.</exception>
    public abstract IEnumerable<SourceFields> Objects(string name);

    /// <summary>Writes all fields as properties of the object under way.</summary>
    /// <exception cref="BrokenRowException">A text is no valid one.</exception>
    public abstract void Write(Utf8JsonWriter json);

    /// <returns>The object in a field.</returns>
    /// <exception cref="BrokenRowException">It is something else.</exception>
    public abstract SourceFields Object(string name);

    /// <returns>The texts in the lists of a field that holds a list of lists.</returns>
    /// <exception cref="BrokenRowException">It is something else.</exception>
    public abstract IEnumerable<IReadOnlyList<string>> Lists(string name);

    /// <returns>A list or an object as JSON.</returns>
    /// <exception cref="BrokenRowException">A text in it is no valid one.</exception>
    public abstract string Json(string name);

    /// <returns>The fields that hold something and are none of these.</returns>
    public abstract IEnumerable<string> Beside(FieldSet used);
}

internal sealed class JsonFields(JsonElement row) : SourceFields
{
    public override IEnumerable<string> Names => row.EnumerateObject().Select(p => p.Name);

    public override FieldKind KindOf(string name) =>
        !row.TryGetProperty(name, out var value)
            ? FieldKind.Missing
            : value.ValueKind switch
            {
                JsonValueKind.String => FieldKind.Text,
                JsonValueKind.Number => FieldKind.Number,
                JsonValueKind.True or JsonValueKind.False => FieldKind.Truth,
                JsonValueKind.Array => FieldKind.List,
                JsonValueKind.Object => FieldKind.Object,
                _ => FieldKind.Missing,
            };

    public override string? Text(string name) =>
        KindOf(name) switch
        {
            FieldKind.Missing => null,
            FieldKind.Text => ValidText(name),
            FieldKind.Number or FieldKind.Truth => row.GetProperty(name).GetRawText(),
            FieldKind.List => throw new BrokenRowException(name, $"'{name}' should be text, but is a list."),
            _ => throw new BrokenRowException(name, $"'{name}' should be text, but is an object."),
        };

    public override IEnumerable<SourceFields> Objects(string name)
    {
        if (KindOf(name) != FieldKind.List)
        {
            throw new BrokenRowException(name, $"'{name}' should be a list.");
        }

        foreach (var item in row.GetProperty(name).EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
            {
                throw new BrokenRowException(name, $"'{name}' should be a list of objects.");
            }

            yield return new JsonFields(item);
        }
    }

    public override void Write(Utf8JsonWriter json)
    {
        foreach (var property in row.EnumerateObject())
        {
            property.WriteTo(json);
        }
    }

    public override SourceFields Object(string name) =>
        KindOf(name) == FieldKind.Object
            ? new JsonFields(row.GetProperty(name))
            : throw new BrokenRowException(name, $"'{name}' should be an object.");

    public override IEnumerable<IReadOnlyList<string>> Lists(string name)
    {
        if (KindOf(name) != FieldKind.List)
        {
            throw new BrokenRowException(name, $"'{name}' should be a list.");
        }

        foreach (var item in row.GetProperty(name).EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Array || item.EnumerateArray().Any(text => text.ValueKind != JsonValueKind.String))
            {
                throw new BrokenRowException(name, $"'{name}' should be a list of lists of texts.");
            }

            yield return [.. item.EnumerateArray().Select(text => TextRules.Check(text.GetString()!, name))];
        }
    }

    public override string Json(string name)
    {
        try
        {
            return JsonText.Of(row.GetProperty(name));
        }
        catch (InvalidOperationException)
        {
            throw HalfCharacter(name);
        }
    }

    public override IEnumerable<string> Beside(FieldSet used)
    {
        foreach (var property in row.EnumerateObject())
        {
            if (!IsNothing(property.Value) && !used.Contains(property))
            {
                yield return property.Name;
            }
        }
    }

    private static bool IsNothing(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Null => true,
            JsonValueKind.String => value.ValueEquals(""u8),
            JsonValueKind.Array => value.GetArrayLength() == 0,
            JsonValueKind.Object => value.GetPropertyCount() == 0,
            _ => false,
        };

    private static BrokenRowException HalfCharacter(string name) =>
        new(name, $"'{name}' holds half of a surrogate pair, which is no character.");

    private string ValidText(string name)
    {
        try
        {
            return TextRules.Check(row.GetProperty(name).GetString()!, name);
        }
        catch (InvalidOperationException)
        {
            throw HalfCharacter(name);
        }
    }
}

internal sealed class CsvFields(CsvDialect dialect, IReadOnlyList<string> values) : SourceFields
{
    public override IEnumerable<string> Names => dialect.Columns;

    public override FieldKind KindOf(string name) => IndexOf(name) < 0 ? FieldKind.Missing : FieldKind.Text;

    public override string? Text(string name)
    {
        var index = IndexOf(name);
        if (index < 0)
        {
            return null;
        }

        var value = TextRules.Check(values[index], name);
        return dialect.GuardsFormulas ? FormulaGuard.Remove(value) : value;
    }

    public override IEnumerable<SourceFields> Objects(string name) =>
        throw new BrokenRowException(name, $"'{name}' should be a list, which a delimited file cannot hold.");

    public override void Write(Utf8JsonWriter json)
    {
        foreach (var name in Names)
        {
            json.WriteString(name, Text(name));
        }
    }

    public override SourceFields Object(string name) =>
        throw new BrokenRowException(name, $"'{name}' should be an object, which a delimited file cannot hold.");

    public override IEnumerable<IReadOnlyList<string>> Lists(string name) =>
        throw new BrokenRowException(name, $"'{name}' should be a list, which a delimited file cannot hold.");

    public override string Json(string name) => throw new InvalidOperationException("A delimited file holds no lists and objects.");

    public override IEnumerable<string> Beside(FieldSet used) =>
        dialect.Columns.Where((name, i) => values[i].Length > 0 && !used.Contains(name));

    private int IndexOf(string name)
    {
        for (var i = 0; i < dialect.Columns.Count; i++)
        {
            if (dialect.Columns[i] == name)
            {
                return i;
            }
        }

        return -1;
    }
}
