namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>What a template asks of the loop that it is in, by the name <c>loop</c>.</summary>
/// <param name="items">All that the loop goes over.</param>
/// <param name="depth">Of loops that call themselves, from 1.</param>
/// <param name="again">Runs the same loop over other items; null where it is none that does.</param>
internal sealed class Loop(IReadOnlyList<object?> items, int depth, Callable? again) : IAttributes
{
    private object? _last;
    private bool _asked;

    public int Place { get; set; }

    public Callable? Again => again;

    public bool TryGet(string name, out object? value)
    {
        value = name switch
        {
            "index" => Place + 1L,
            "index0" => (long)Place,
            "revindex" => (long)items.Count - Place,
            "revindex0" => (long)items.Count - Place - 1,
            "first" => Place == 0,
            "last" => Place == items.Count - 1,
            "length" => (long)items.Count,
            "depth" => (long)depth,
            "depth0" => depth - 1L,
            "previtem" => Place > 0 ? items[Place - 1] : new Undefined("There is no item before the first."),
            "nextitem" => Place + 1 < items.Count ? items[Place + 1] : new Undefined("There is no item behind the last."),
            "cycle" => (Callable)Cycle,
            "changed" => (Callable)HasChanged,
            _ => null,
        };
        return value is not null || name is "previtem" or "nextitem";
    }

    private object? Cycle(CallArguments arguments) =>
        arguments.Placed.Count > 0
            ? arguments.Placed[Place % arguments.Placed.Count]
            : throw new TemplateException("There are no values to take in turn.");

    private object HasChanged(CallArguments arguments)
    {
        var now = new PythonList(arguments.Placed, isTuple: true);
        var changed = !_asked || !Python.AreEqual(_last, now);
        (_last, _asked) = (now, true);
        return changed;
    }
}
