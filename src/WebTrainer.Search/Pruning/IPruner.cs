namespace WebTrainer.Search.Pruning;

/// <summary>Says when a trial is so much worse than the others at the same point that it is not worth going on.</summary>
public interface IPruner
{
    /// <param name="trial">One that runs, with its curve so far.</param>
    /// <param name="history">All trials of the search.</param>
    bool Prunes(Trial trial, IReadOnlyList<Trial> history);
}

/// <summary>Whether and how trials are ended early.</summary>
public enum PrunerKind
{
    /// <summary>Each trial does all of its work.</summary>
    None,

    /// <summary>See <see cref="MedianPruner"/>.</summary>
    Median,

    /// <summary>See <see cref="HalvingPruner"/>.</summary>
    SuccessiveHalving,
}

/// <summary>Makes the pruner of a kind, with its usual settings.</summary>
public static class Pruner
{
    /// <summary>One that keeps nothing between calls: it may be made anew each time.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such kind.</exception>
    public static IPruner Of(PrunerKind kind) =>
        kind switch
        {
            PrunerKind.None => new NoPruner(),
            PrunerKind.Median => new MedianPruner(),
            PrunerKind.SuccessiveHalving => new HalvingPruner(),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };

    /// <summary>Lowest value of a curve up to a share of the work; null while there is none.</summary>
    internal static double? LowestUntil(this Trial trial, double share)
    {
        double? lowest = null;
        foreach (var (at, value) in trial.Curve)
        {
            if (at <= share && double.IsFinite(value) && !(value >= lowest))
            {
                lowest = value;
            }
        }

        return lowest;
    }

    private sealed class NoPruner : IPruner
    {
        public bool Prunes(Trial trial, IReadOnlyList<Trial> history) => false;
    }
}
