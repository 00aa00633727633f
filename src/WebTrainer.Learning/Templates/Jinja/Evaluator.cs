namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>Finds the values of expressions.</summary>
internal sealed class Evaluator(Budget budget)
{
    /// <exception cref="TemplateException">The expression asks for what can't be done.</exception>
    public object? Evaluate(Expression expression, Scope scope)
    {
        budget.Step();
        return expression switch
        {
            Constant constant => constant.Value,
            Variable variable => scope.Get(variable.Name),
            Attribute attribute => Members.Attribute(Evaluate(attribute.Of, scope), attribute.Name),
            Item item => EvaluateItem(item, scope),
            ListOf list => new PythonList([.. list.Items.Select(part => Evaluate(part, scope))], list.IsTuple),
            MapOf map => EvaluateMap(map, scope),
            Unary { Operator: "not" } not => !Python.IsTrue(Evaluate(not.Operand, scope)),
            Unary unary => Arithmetic.Signed(unary.Operator, Evaluate(unary.Operand, scope)),
            Binary binary => EvaluateBinary(binary, scope),
            Comparison comparison => EvaluateComparison(comparison, scope),
            Conditional conditional => Python.IsTrue(Evaluate(conditional.Condition, scope)) ? Evaluate(conditional.Then, scope)
            : conditional.Else is { } otherwise ? Evaluate(otherwise, scope)
            : new Undefined("An inline if without else was not met."),
            Call call => Run(Evaluate(call.Of, scope), EvaluateArguments(call.Arguments, scope)),
            Filter filter => Apply(filter, filter.Operand is { } operand ? Evaluate(operand, scope) : null, scope),
            Test test => Tests.Holds(test.Name, Evaluate(test.Operand, scope), EvaluateArguments(test.Arguments, scope)) != test.Negated,
            _ => throw new TemplateException("An expression stands where none may."),
        };
    }

    /// <summary>A filter, and those before it, on a value.</summary>
    public object? Through(Filter filter, object? value, Scope scope) =>
        Apply(filter, filter.Operand is Filter before ? Through(before, value, scope) : value, scope);

    public CallArguments EvaluateArguments(Arguments arguments, Scope scope)
    {
        if (arguments == Arguments.None)
        {
            return CallArguments.None;
        }

        var placed = arguments.Placed.Select(argument => Evaluate(argument, scope)).ToList();
        if (arguments.Rest is { } rest)
        {
            placed.AddRange(Python.Items(Evaluate(rest, scope)));
        }

        var named = arguments.Named.ToDictionary(
            argument => argument.Name,
            argument => Evaluate(argument.Value, scope),
            StringComparer.Ordinal
        );
        if (arguments.NamedRest is { } more)
        {
            foreach (
                var entry in (Evaluate(more, scope) as PythonMap ?? throw new TemplateException("What stands behind ** is no map.")).Items
            )
            {
                named[Python.Text(entry.Items[0])] = entry.Items[1];
            }
        }

        return new(placed, named);
    }

    public object? Run(object? function, CallArguments arguments) =>
        function switch
        {
            Callable callable => budget.Made(callable(arguments)),
            Loop { Again: { } again } => again(arguments),
            Undefined none => throw none.Failure(),
            _ => throw new TemplateException($"{Python.KindOf(function)} can't be called."),
        };

    private object? Apply(Filter filter, object? value, Scope scope) =>
        budget.Made(Filters.Apply(filter.Name, value, EvaluateArguments(filter.Arguments, scope)));

    private object? EvaluateItem(Item item, Scope scope)
    {
        var of = Evaluate(item.Of, scope);
        if (item.Key is not Slice slice)
        {
            return Members.Item(of, Evaluate(item.Key, scope));
        }

        object? Part(Expression? part) => part is null ? null : Evaluate(part, scope);
        return budget.Made(Members.Slice(of, Part(slice.From), Part(slice.To), Part(slice.Step)));
    }

    private PythonMap EvaluateMap(MapOf expression, Scope scope)
    {
        var map = new PythonMap();
        foreach (var (key, value) in expression.Entries)
        {
            map.Set(Evaluate(key, scope), Evaluate(value, scope));
        }

        return map;
    }

    private object? EvaluateBinary(Binary binary, Scope scope)
    {
        var left = Evaluate(binary.Left, scope);
        switch (binary.Operator)
        {
            case "and":
                return Python.IsTrue(left) ? Evaluate(binary.Right, scope) : left;
            case "or":
                return Python.IsTrue(left) ? left : Evaluate(binary.Right, scope);
            case "~":
                var (first, second) = (Python.Text(left), Python.Text(Evaluate(binary.Right, scope)));
                Budget.Check((double)first.Length + second.Length);
                return budget.Made(first + second);
            default:
                return budget.Made(Arithmetic.Apply(binary.Operator, left, Evaluate(binary.Right, scope)));
        }
    }

    private object EvaluateComparison(Comparison comparison, Scope scope)
    {
        var left = Evaluate(comparison.First, scope);
        foreach (var (sign, expression) in comparison.Others)
        {
            var right = Evaluate(expression, scope);
            if (!Holds(sign, left, right))
            {
                return false;
            }

            left = right;
        }

        return true;
    }

    private static bool Holds(string sign, object? left, object? right) =>
        sign switch
        {
            "==" => Python.AreEqual(left, right),
            "!=" => !Python.AreEqual(left, right),
            "in" => Python.Contains(right, left),
            "not in" => !Python.Contains(right, left),
            "<" => Python.Compare(left, right) < 0,
            "<=" => Python.Compare(left, right) <= 0,
            ">" => Python.Compare(left, right) > 0,
            _ => Python.Compare(left, right) >= 0,
        };
}
