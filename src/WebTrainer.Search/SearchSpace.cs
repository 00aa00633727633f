namespace WebTrainer.Search;

/// <summary>The settings of a search, parents before those that depend on them.</summary>
public sealed record SearchSpace(IReadOnlyList<Parameter> Parameters)
{
    /// <summary>Settings of one search at most; <see cref="Fault"/> refuses more.</summary>
    public const int MaxParameters = 20;

    /// <summary>What makes no sense in it, as a sentence; null where all is well.</summary>
    public string? Fault()
    {
        if (Parameters.Count is 0 or > MaxParameters)
        {
            return $"Choose 1 to {MaxParameters} settings to search over.";
        }

        var known = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        foreach (var parameter in Parameters)
        {
            if (parameter.Fault() is { } fault)
            {
                return fault;
            }

            if (parameter.When is { } when && FaultOf(when, parameter.Name, known) is { } unmet)
            {
                return unmet;
            }

            if (!known.TryAdd(parameter.Name, parameter))
            {
                return $"{parameter.Name} is there twice.";
            }
        }

        return null;
    }

    /// <summary>Whether a parameter has a value beside these of the parameters before it.</summary>
    public static bool IsActive(Parameter parameter, SearchSpace space, IReadOnlyDictionary<string, double> point) =>
        parameter.When is not { } when
        || point.TryGetValue(when.Parent, out var index)
            && space.Parameters.First(p => p.Name == when.Parent) is ChoiceParameter parent
            && when.Choices.Contains(parent.Choices[(int)index]);

    /// <summary>Takes a value for each parameter that has one, in order.</summary>
    public Dictionary<string, double> Fill(Func<Parameter, double> value)
    {
        var point = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var parameter in Parameters.Where(parameter => IsActive(parameter, this, point)))
        {
            point[parameter.Name] = value(parameter);
        }

        return point;
    }

    private static string? FaultOf(ParentCondition when, string name, Dictionary<string, Parameter> known)
    {
        if (!known.TryGetValue(when.Parent, out var parent) || parent is not ChoiceParameter choice)
        {
            return $"{name} depends on {when.Parent}, which is no choice that stands before it.";
        }

        return when.Choices.Count == 0 || when.Choices.Any(c => !choice.Choices.Contains(c))
            ? $"{name} depends on choices that {when.Parent} does not have."
            : null;
    }
}
