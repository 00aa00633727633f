using System.Globalization;

namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>The filters that go over items.</summary>
internal static class ListFilters
{
    public static object? First(object? value, CallArguments arguments) =>
        Python.Items(value) is [var first, ..] ? first : new Undefined("There is no first item, for there are none.");

    public static object? Last(object? value, CallArguments arguments) =>
        value is Generator ? throw new TemplateException("What is given out item by item has no last one.")
        : Python.Items(value) is [.., var last] ? last
        : new Undefined("There is no last item, for there are none.");

    public static object Reverse(object? value, CallArguments arguments) =>
        value is string text ? string.Concat(PythonText.Characters(text).Reverse()) : new Generator([.. Python.Items(value).Reverse()]);

    public static string Join(object? value, CallArguments arguments)
    {
        var attribute = arguments.Get(1, "attribute");
        var items = Python.Items(value).Select(item => Python.Text(attribute is null ? item : Members.Path(item, attribute)));
        return Methods.Join(Python.Text(arguments.Get(0, "d", "")), new PythonList([.. items]));
    }

    public static object Map(object? value, CallArguments arguments)
    {
        var items = Python.Items(value);
        if (arguments.Placed.Count == 0 && arguments.Named.TryGetValue("attribute", out var attribute))
        {
            var (has, absent) = (arguments.Named.ContainsKey("default"), arguments.Named.GetValueOrDefault("default"));
            return new Generator(
                items.Select(item => Members.Path(item, attribute) is var found && found is Undefined && has ? absent : found)
            );
        }

        var name = arguments.Text(0, "filter");
        return new Generator(items.Select(item => Filters.Apply(name, item, arguments.From(1))));
    }

    public static object Select(object? value, CallArguments arguments, bool wanted) =>
        new Generator(Python.Items(value).Where(item => Holds(item, arguments) == wanted));

    public static object SelectByAttribute(object? value, CallArguments arguments, bool wanted)
    {
        var attribute =
            arguments.Placed.Count > 0 ? arguments.Placed[0] : throw new TemplateException("The attribute to choose by is missing.");
        return new Generator(Python.Items(value).Where(item => Holds(Members.Path(item, attribute), arguments.From(1)) == wanted));
    }

    /// <summary>By test and its values; without a test, whether it is true.</summary>
    private static bool Holds(object? value, CallArguments arguments) =>
        arguments.Placed.Count == 0 ? Python.IsTrue(value) : Tests.Holds(arguments.Text(0, "test"), value, arguments.From(1));

    public static object Sort(object? value, CallArguments arguments)
    {
        var key = Key(arguments.Get(2, "attribute"), arguments.Flag(1, "case_sensitive"));
        return new PythonList(Sorted(Python.Items(value), key, arguments.Flag(0, "reverse")));
    }

    public static object SortMap(object? value, CallArguments arguments)
    {
        var (by, cased) = (arguments.Text(1, "by", "key"), arguments.Flag(0, "case_sensitive"));
        if (value is not PythonMap map || by is not ("key" or "value"))
        {
            throw new TemplateException("Only a map is sorted so, by key or value.");
        }

        return new PythonList(
            Sorted([.. map.Items], entry => Folded(((PythonList)entry!).Items[by == "key" ? 0 : 1], cased), arguments.Flag(2, "reverse"))
        );
    }

    public static object Group(object? value, CallArguments arguments)
    {
        var attribute = arguments.Get(0, "attribute");
        var absent = arguments.Get(1, "default");
        var cased = arguments.Flag(2, "case_sensitive");
        object? Of(object? item) => Members.Path(item, attribute) is var found && found is Undefined && absent is not null ? absent : found;
        var groups = new List<(object? Key, List<object?> Items)>();
        foreach (var item in Sorted(Python.Items(value), item => Folded(Of(item), cased), reverse: false))
        {
            if (groups.Count == 0 || !Python.AreEqual(Folded(groups[^1].Key, cased), Folded(Of(item), cased)))
            {
                groups.Add((Of(item), []));
            }

            groups[^1].Items.Add(item);
        }

        return new PythonList([.. groups.Select(group => new PythonList([group.Key, new PythonList(group.Items)], isTuple: true))]);
    }

    public static object Unique(object? value, CallArguments arguments)
    {
        var key = Key(arguments.Get(1, "attribute"), arguments.Flag(0, "case_sensitive"));
        var seen = new PythonMap();
        var kept = new List<object?>();
        foreach (var item in Python.Items(value))
        {
            if (!seen.TryGet(key(item), out _))
            {
                seen.Set(key(item), null);
                kept.Add(item);
            }
        }

        return new Generator(kept);
    }

    /// <param name="value">Anything with items.</param>
    /// <param name="arguments">May name an attribute to compare by, and whether case counts.</param>
    /// <param name="sign">1 for the largest, -1 for the smallest.</param>
    public static object? Extreme(object? value, CallArguments arguments, int sign)
    {
        var key = Key(arguments.Get(1, "attribute"), arguments.Flag(0, "case_sensitive"));
        return Python.Items(value) is { Count: > 0 } items
            ? items.Aggregate((best, item) => Python.Compare(key(item), key(best)) * sign > 0 ? item : best)
            : new Undefined("There is no such item, for there are none.");
    }

    public static object? Sum(object? value, CallArguments arguments)
    {
        var attribute = arguments.Get(0, "attribute");
        return Python
            .Items(value)
            .Select(item => attribute is null ? item : Members.Path(item, attribute))
            .Aggregate(arguments.Get(1, "start", 0L), (sum, item) => Arithmetic.Apply("+", sum, item));
    }

    public static object Batch(object? value, CallArguments arguments)
    {
        var (count, filler) = (arguments.Number(0, "linecount", 0), arguments.Get(1, "fill_with"));
        if (count is < 1 or > Budget.MaximumLength)
        {
            throw new TemplateException("Items are put together in groups of one or more.");
        }

        return new Generator(
            Python
                .Items(value)
                .Chunk((int)count)
                .Select(group => new PythonList(
                    filler is null ? group : [.. group, .. Enumerable.Repeat(filler, (int)count - group.Length)]
                ))
        );
    }

    public static object Slice(object? value, CallArguments arguments)
    {
        var (items, count, filler) = (Python.Items(value), arguments.Number(0, "slices", 0), arguments.Get(1, "fill_with"));
        if (count is < 1 or > Budget.MaximumLength)
        {
            throw new TemplateException("Items are cut into one group or more.");
        }

        var (each, longer) = (items.Count / (int)count, items.Count % (int)count);
        return new Generator(
            Enumerable
                .Range(0, (int)count)
                .Select(i =>
                {
                    var from = (i * each) + Math.Min(i, longer);
                    var group = items.Skip(from).Take(each + (i < longer ? 1 : 0));
                    return new PythonList(filler is not null && i >= longer && longer > 0 ? [.. group, filler] : [.. group]);
                })
        );
    }

    private static Func<object?, object?> Key(object? attribute, bool cased) =>
        attribute is string several && several.Contains(',', StringComparison.Ordinal)
            ? item => new PythonList([.. several.Split(',').Select(part => Folded(Members.Path(item, part), cased))])
            : item => Folded(attribute is null ? item : Members.Path(item, attribute), cased);

    private static object? Folded(object? value, bool cased) => value is string text && !cased ? PythonText.Lower(text) : value;

    private static List<object?> Sorted(IReadOnlyList<object?> items, Func<object?, object?> key, bool reverse)
    {
        var order = Comparer<object?>.Create(Python.Compare);
        return [.. reverse ? items.OrderByDescending(key, order) : items.OrderBy(key, order)];
    }
}
