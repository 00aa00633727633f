namespace WebTrainer.Search;

/// <summary>How far a trial is, as samplers and pruners see it.</summary>
public enum TrialState
{
    /// <summary>Its value is not known yet; its curve may have begun.</summary>
    Running,

    /// <summary>It did all of its work and has a value.</summary>
    Completed,

    /// <summary>Ended early because it was worse than others at the same point.</summary>
    Pruned,

    /// <summary>It gave no value: the worst there can be.</summary>
    Failed,
}

/// <summary>One try: the values it has and what came of it. Lower is better.</summary>
/// <param name="Number">From 0, in the order in which they began.</param>
/// <param name="Point">Its values by parameter; those that a condition leaves out are missing.</param>
/// <param name="State">Whether <paramref name="Value"/> is there, and what it means.</param>
/// <param name="Value">What it reached; of a pruned one, where it stood; null while it runs or when it failed.</param>
public sealed record Trial(int Number, IReadOnlyDictionary<string, double> Point, TrialState State, double? Value = null)
{
    /// <summary>What it reported on its way: share of its work done (0 to 1) and value, in order.</summary>
    public IReadOnlyList<(double Share, double Value)> Curve { get; init; } = [];
}
