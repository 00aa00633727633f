namespace WebTrainer.Search.Pruning;

/// <summary>Ends a trial whose best value so far is worse than the median of the completed ones' best values at the same share of their
/// work (Golovin et al., Google Vizier, KDD 2017).</summary>
public sealed class MedianPruner : IPruner
{
    /// <summary>Completed trials before any is ended.</summary>
    public int StartTrials { get; init; } = 4;

    /// <summary>Share of its work that each trial may do in any case.</summary>
    public double WarmUp { get; init; } = 0.2;

    /// <inheritdoc/>
    public bool Prunes(Trial trial, IReadOnlyList<Trial> history)
    {
        ArgumentNullException.ThrowIfNull(trial);
        if (trial.Curve.Count == 0 || trial.Curve[^1].Share < WarmUp)
        {
            return false;
        }

        var share = trial.Curve[^1].Share;
        var others = history
            .Where(t => t.State == TrialState.Completed && t.Number != trial.Number)
            .Select(t => t.LowestUntil(share))
            .OfType<double>()
            .Order()
            .ToList();
        if (others.Count < StartTrials)
        {
            return false;
        }

        var median = others.Count % 2 == 1 ? others[others.Count / 2] : (others[others.Count / 2 - 1] + others[others.Count / 2]) / 2;
        return (trial.LowestUntil(share) ?? double.PositiveInfinity) > median; // a loss that ran away is no number and worse than all
    }
}
