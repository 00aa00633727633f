using System.Text;

namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>Runs a template's statements once.</summary>
internal sealed class Renderer
{
    private const int DeepestCall = 256;
    private readonly Budget _budget = new();
    private readonly Evaluator _evaluator;
    private readonly (string Begin, string End)? _generationMarks;
    private int _depth;

    private Renderer(Scope globals, (string Begin, string End)? generationMarks)
    {
        (_evaluator, _generationMarks) = (new(_budget), generationMarks);
        foreach (var (name, function) in Globals.All)
        {
            globals.Set(name, function);
        }
    }

    private enum Flow
    {
        On,
        Break,
        Continue,
    }

    /// <param name="template">Parsed.</param>
    /// <param name="variables">Names that the template may ask for.</param>
    /// <param name="generationMarks">Written around what stands in <c>generation</c>.</param>
    /// <exception cref="TemplateException">The template refuses what it is given, or takes more than it may.</exception>
    public static string Render(IReadOnlyList<Statement> template, PythonMap variables, (string Begin, string End)? generationMarks)
    {
        var globals = new Scope();
        var renderer = new Renderer(globals, generationMarks);
        foreach (var entry in variables.Items)
        {
            globals.Set(Python.Text(entry.Items[0]), entry.Items[1]);
        }

        var output = new StringBuilder();
        renderer.Execute(template, new Scope(globals), output);
        return output.ToString();
    }

    private Flow Execute(IReadOnlyList<Statement> statements, Scope scope, StringBuilder output)
    {
        foreach (var statement in statements)
        {
            _budget.Step();
            if (Execute(statement, scope, output) is var flow and not Flow.On)
            {
                return flow;
            }
        }

        return Flow.On;
    }

    private Flow Execute(Statement statement, Scope scope, StringBuilder output)
    {
        switch (statement)
        {
            case Text text:
                Write(text.Value, output);
                return Flow.On;
            case Output value:
                Write(Python.Text(_evaluator.Evaluate(value.Value, scope)), output);
                return Flow.On;
            case If condition:
                var branch = condition.Branches.FirstOrDefault(branch => Python.IsTrue(_evaluator.Evaluate(branch.Condition, scope)));
                return Execute(branch.Body ?? condition.Else, scope, output);
            case For loop:
                Repeat(loop, _evaluator.Evaluate(loop.Of, scope), scope, output, depth: 1);
                return Flow.On;
            case Leave leave:
                return leave.Continues ? Flow.Continue : Flow.Break;
            case Set set:
                Assign(set.Target, _evaluator.Evaluate(set.Value, scope), scope);
                return Flow.On;
            case SetBlock set:
                var block = Written(set.Body, new Scope(scope));
                Assign(set.Target, set.Filter is { } through ? _evaluator.Through(through, block, scope) : block, scope);
                return Flow.On;
            case MacroDefinition macro:
                scope.Set(macro.Name, Macro(macro.Name, macro.Signature, macro.Body, scope, macro.Uses));
                return Flow.On;
            case CallBlock call:
                Write(Python.Text(RunWithBlock(call, scope)), output);
                return Flow.On;
            case FilterBlock filter:
                Write(Python.Text(_evaluator.Through(filter.Filter, Written(filter.Body, new Scope(scope)), scope)), output);
                return Flow.On;
            case With with:
                var inner = new Scope(scope);
                foreach (var (target, value) in with.Values)
                {
                    Assign(target, _evaluator.Evaluate(value, scope), inner);
                }

                return Execute(with.Body, inner, output);
            case Generation generated:
                Write(_generationMarks?.Begin ?? "", output);
                Execute(generated.Body, new Scope(scope), output);
                Write(_generationMarks?.End ?? "", output);
                return Flow.On;
            case Block named:
                return Execute(named.Body, new Scope(scope), output);
            default:
                throw new TemplateException("A statement stands where none may.");
        }
    }

    private string Repeat(For loop, object? of, Scope scope, StringBuilder output, int depth)
    {
        Deeper();
        var items = Chosen(loop, Python.Items(of), scope);
        var state = new Loop(
            items,
            depth,
            loop.Recursive
                ? arguments =>
                {
                    var inner = new StringBuilder();
                    return Repeat(loop, arguments.Get(0, "iterable"), scope, inner, depth + 1);
                }
                : null
        );
        var ended = false;
        for (var place = 0; place < items.Count; place++)
        {
            state.Place = place;
            var body = new Scope(scope);
            Assign(loop.Target, items[place], body);
            body.Set("loop", state);
            var flow = Execute(loop.Body, body, output);
            ended |= flow == Flow.On;
            if (flow == Flow.Break)
            {
                break;
            }
        }

        // As Jinja2 does it: a loop of which no body was run to its end is taken for one without items.
        if (!ended)
        {
            Execute(loop.Else, new Scope(scope), output);
        }

        _depth--;
        return depth == 1 ? "" : output.ToString();
    }

    private IReadOnlyList<object?> Chosen(For loop, IReadOnlyList<object?> items, Scope scope)
    {
        if (loop.Where is not { } where)
        {
            return items;
        }

        return
        [
            .. items.Where(item =>
            {
                var of = new Scope(scope);
                Assign(loop.Target, item, of);
                return Python.IsTrue(_evaluator.Evaluate(where, of));
            }),
        ];
    }

    private static void Assign(Expression target, object? value, Scope scope)
    {
        switch (target)
        {
            case Variable variable:
                scope.Set(variable.Name, value);
                break;
            case Attribute { Of: Variable of } attribute:
                var space =
                    scope.Get(of.Name) as Namespace
                    ?? throw new TemplateException($"'{of.Name}' is no namespace, and only of one can attributes be set.");
                space.Values[attribute.Name] = value;
                break;
            case ListOf several:
                var values = value is Undefined none ? throw none.Failure() : Python.Items(value);
                if (values.Count != several.Items.Count)
                {
                    throw new TemplateException($"{values.Count} values are put into {several.Items.Count} names.");
                }

                foreach (var (name, part) in several.Items.Zip(values))
                {
                    Assign(name, part, scope);
                }

                break;
        }
    }

    private string Written(IReadOnlyList<Statement> body, Scope scope)
    {
        var output = new StringBuilder();
        Execute(body, scope, output);
        return output.ToString();
    }

    private object? RunWithBlock(CallBlock call, Scope scope)
    {
        var function = _evaluator.Evaluate(call.Call.Of, scope);
        var arguments = _evaluator.EvaluateArguments(call.Call.Arguments, scope);
        var caller = Macro("caller", call.Signature, call.Body, scope, call.Uses);
        return _evaluator.Run(
            function,
            arguments with
            {
                Named = new Dictionary<string, object?>(arguments.Named) { ["caller"] = caller },
            }
        );
    }

    private Callable Macro(string name, Signature signature, IReadOnlyList<Statement> body, Scope scope, MacroUses uses) =>
        arguments =>
        {
            Deeper();
            var inner = new Scope(scope);
            Bind(name, signature, arguments, inner, uses);
            var text = Written(body, inner);
            _depth--;
            return text;
        };

    private void Bind(string name, Signature signature, CallArguments arguments, Scope scope, MacroUses uses)
    {
        var named = arguments.Named.ToDictionary(StringComparer.Ordinal);
        for (var place = 0; place < signature.Names.Count; place++)
        {
            var parameter = signature.Names[place];
            var isPlaced = place < arguments.Placed.Count;
            if (named.Remove(parameter, out var value) && isPlaced)
            {
                throw new TemplateException($"The macro '{name}' is given '{parameter}' twice.");
            }

            scope.Set(
                parameter,
                isPlaced ? arguments.Placed[place]
                    : arguments.Named.ContainsKey(parameter) ? value
                    : signature.Defaults.TryGetValue(parameter, out var usual) ? _evaluator.Evaluate(usual, scope)
                    : new Undefined($"The parameter '{parameter}' is not given.")
            );
        }

        if (uses.HasFlag(MacroUses.Caller))
        {
            scope.Set("caller", named.Remove("caller", out var caller) ? caller : new Undefined("No caller is there."));
        }

        BindRest(name, signature, arguments, named, scope, uses);
    }

    private static void BindRest(
        string name,
        Signature signature,
        CallArguments arguments,
        Dictionary<string, object?> named,
        Scope scope,
        MacroUses uses
    )
    {
        if (uses.HasFlag(MacroUses.Rest))
        {
            scope.Set("varargs", new PythonList([.. arguments.Placed.Skip(signature.Names.Count)], isTuple: true));
        }
        else if (arguments.Placed.Count > signature.Names.Count)
        {
            throw new TemplateException($"The macro '{name}' takes {signature.Names.Count} values, not {arguments.Placed.Count}.");
        }

        if (uses.HasFlag(MacroUses.NamedRest))
        {
            var rest = new PythonMap();
            foreach (var (key, value) in named)
            {
                rest.Set(key, value);
            }

            scope.Set("kwargs", rest);
        }
        else if (named.Count > 0)
        {
            throw new TemplateException($"The macro '{name}' takes no '{named.Keys.First()}'.");
        }
    }

    private void Deeper()
    {
        if (++_depth > DeepestCall)
        {
            throw new TemplateException($"The chat template's macros or loops call each other more than {DeepestCall} deep.");
        }
    }

    private void Write(string text, StringBuilder output)
    {
        _budget.Made(text);
        output.Append(text);
    }
}
