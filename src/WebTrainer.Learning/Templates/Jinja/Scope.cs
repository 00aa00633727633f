namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>Names and their values, within those of a scope around it.</summary>
internal sealed class Scope(Scope? outer = null)
{
    private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal);

    public void Set(string name, object? value) => _values[name] = value;

    public object? Get(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._values.TryGetValue(name, out var value))
            {
                return value;
            }
        }

        return new Undefined($"'{name}' is not defined.");
    }

    private Scope? Outer => outer;
}
