using System.Numerics;

namespace WebTrainer.Learning.Templates.Jinja;

// A value is null (Python's None), a bool, a long, a BigInteger, a double, a string, or one of the classes here.

/// <summary>Python's list, or its tuple. No template may change one, as in Jinja2's immutable sandbox.</summary>
internal sealed class PythonList(IReadOnlyList<object?> items, bool isTuple = false)
{
    public IReadOnlyList<object?> Items => items;
    public bool IsTuple => isTuple;
}

/// <summary>Python's dict: entries in the order in which they were put in.</summary>
internal sealed class PythonMap
{
    private readonly OrderedDictionary<Key, object?> _entries = [];

    public int Count => _entries.Count;
    public IEnumerable<object?> Keys => _entries.Keys.Select(key => key.Value);
    public IEnumerable<object?> Values => _entries.Values;
    public IEnumerable<PythonList> Items => _entries.Select(entry => new PythonList([entry.Key.Value, entry.Value], isTuple: true));

    public void Set(object? key, object? value) => _entries[new(key)] = value;

    public bool TryGet(object? key, out object? value) => _entries.TryGetValue(new(key), out value);

    /// <summary>A key, by Python's equality: 1, 1.0 and True are one.</summary>
    private readonly struct Key(object? value) : IEquatable<Key>
    {
        public object? Value => value;

        public bool Equals(Key other) => Python.AreEqual(Value, other.Value);

        public override bool Equals(object? other) => other is Key key && Equals(key);

        public override int GetHashCode() =>
            Value switch
            {
                bool flag => (flag ? 1.0 : 0.0).GetHashCode(),
                long number => ((double)number).GetHashCode(),
                BigInteger number => ((double)number).GetHashCode(),
                string text => string.GetHashCode(text, StringComparison.Ordinal),
                PythonList list => list.Items.Count,
                null => 0,
                var other => other.GetHashCode(),
            };
    }
}

/// <summary>What a filter gives out item by item: once, and true even where it is empty, as Python's generators.</summary>
internal sealed class Generator(IEnumerable<object?> items)
{
    private IEnumerable<object?> _items = items;

    public IReadOnlyList<object?> Take()
    {
        var taken = _items.ToList();
        _items = [];
        return taken;
    }
}

/// <summary>The keys, values or entries of a map, of which no single one can be asked for.</summary>
internal sealed record MapView(string Kind, IReadOnlyList<object?> Items);

/// <summary>What a name or a key stands for that isn't there: it writes nothing, and what asks more of it fails.</summary>
internal sealed record Undefined(string What)
{
    public TemplateException Failure() => new(What);
}

/// <summary>The only thing whose attributes a template may set.</summary>
internal sealed class Namespace(Dictionary<string, object?> values)
{
    public Dictionary<string, object?> Values => values;
}

/// <summary>A function, method or macro.</summary>
internal delegate object? Callable(CallArguments arguments);

/// <summary>A thing with attributes that are reckoned when they are asked for.</summary>
internal interface IAttributes
{
    /// <returns>False where it has no such attribute.</returns>
    bool TryGet(string name, out object? value);
}

/// <summary>The values that a function is called with.</summary>
internal sealed record CallArguments(IReadOnlyList<object?> Placed, IReadOnlyDictionary<string, object?> Named)
{
    public static CallArguments None { get; } = new([], new Dictionary<string, object?>());

    /// <summary>The argument in a place or of a name.</summary>
    /// <param name="place">From 0.</param>
    /// <param name="name">By which it may be given instead.</param>
    /// <param name="absent">Where it is not given.</param>
    public object? Get(int place, string name, object? absent = null) =>
        place < Placed.Count ? Placed[place]
        : Named.TryGetValue(name, out var value) ? value
        : absent;

    public bool Has(int place, string name) => place < Placed.Count || Named.ContainsKey(name);

    public string Text(int place, string name, string? absent = null) =>
        Get(place, name, absent) as string ?? throw new TemplateException($"The argument '{name}' must be a text.");

    public long Number(int place, string name, long absent) => Python.Integer(Get(place, name, absent), $"The argument '{name}'");

    public bool Flag(int place, string name, bool absent = false) => Python.IsTrue(Get(place, name, absent));

    /// <summary>The arguments behind the first ones.</summary>
    public CallArguments From(int place) => new([.. Placed.Skip(place)], Named);
}
