using System.Globalization;

namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>
/// What a value has by a name, a key or a place. What isn't there is <see cref="Undefined"/>; only that itself has nothing.
/// </summary>
internal static class Members
{
    /// <summary><c>value.name</c>: methods first, then keys.</summary>
    public static object? Attribute(object? value, string name) =>
        value switch
        {
            Undefined none => throw none.Failure(),
            Namespace space => space.Values.TryGetValue(name, out var of) ? of : Absent(value, name),
            IAttributes attributes => attributes.TryGet(name, out var of) ? of : Absent(value, name),
            _ => Methods.Of(value, name) is { } method ? method
            : value is PythonMap map && map.TryGet(name, out var of) ? of
            : Absent(value, name),
        };

    /// <summary><c>value[key]</c>: keys and places first, then methods.</summary>
    public static object? Item(object? value, object? key)
    {
        switch (value)
        {
            case Undefined none:
                throw none.Failure();
            case PythonMap map when map.TryGet(key, out var of):
                return of;
            case PythonList list when key is long or bool:
                return At(list.Items, Python.Integer(key, "A place"), value);
            case string text when key is long or bool:
                return At(PythonText.Characters(text), Python.Integer(key, "A place"), value);
            default:
                return key is string name && value is not (Namespace or IAttributes) && Methods.Of(value, name) is { } method ? method
                    : key is string attribute && value is Namespace or IAttributes ? Attribute(value, Python.Text(key))
                    : Absent(value, Python.Text(key));
        }
    }

    public static object? Slice(object? value, object? from, object? to, object? step)
    {
        if (value is Undefined none)
        {
            throw none.Failure();
        }

        var parts = new[] { from, to, step };
        if (value is not (string or PythonList) || parts.Any(part => part is not (null or long)))
        {
            return Absent(value, "a slice");
        }

        var items = Python.Items(value);
        var chosen = Places(items.Count, (long?)from, (long?)to, (long?)step ?? 1).Select(place => items[place]);
        return value is string ? string.Concat(chosen) : new PythonList([.. chosen], ((PythonList)value).IsTuple);
    }

    /// <summary>Keys or places with points between them, as <c>map(attribute=…)</c> takes them.</summary>
    public static object? Path(object? value, object? path)
    {
        var parts = path is string text
            ? text.Split('.')
                .Select(part => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? place : (object?)part)
            : [path];
        return parts.Aggregate(value, Item);
    }

    private static object? At(IReadOnlyList<object?> items, long place, object? of)
    {
        var at = place < 0 ? place + items.Count : place;
        return at >= 0 && at < items.Count ? items[(int)at] : Absent(of, place.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>As Python's <c>slice.indices</c>.</summary>
    private static IEnumerable<int> Places(int count, long? from, long? to, long step)
    {
        if (step == 0)
        {
            throw new TemplateException("A slice's step is 0.");
        }

        long Bound(long? place, long low, long high, long absent) =>
            place is not { } given ? absent
            : given < 0 ? Math.Max(given + count, low)
            : Math.Min(given, high);
        var (first, end) =
            step > 0
                ? (Bound(from, 0, count, 0), Bound(to, 0, count, count))
                : (Bound(from, -1, count - 1, count - 1), Bound(to, -1, count - 1, -1));
        for (var place = first; step > 0 ? place < end : place > end; place += step)
        {
            yield return (int)place;
        }
    }

    private static Undefined Absent(object? value, string name) => new($"{Python.KindOf(value)} has no '{name}'.");
}
