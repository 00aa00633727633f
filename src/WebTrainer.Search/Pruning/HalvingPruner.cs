namespace WebTrainer.Search.Pruning;

/// <summary>
/// Asynchronous successive halving (Li et al., MLSys 2020): at each rung, a share of the work, a trial goes on only if it is among the best
/// <c>1/<see cref="Reduction"/></c> of those that came so far. The first at a rung always goes on.
/// </summary>
public sealed class HalvingPruner : IPruner
{
    /// <summary>Share of the work of the first rung.</summary>
    public double FirstRung { get; init; } = 0.25;

    /// <summary>Each rung is so many times as far, and one of so many goes on.</summary>
    public int Reduction { get; init; } = 2;

    /// <inheritdoc/>
    public bool Prunes(Trial trial, IReadOnlyList<Trial> history)
    {
        ArgumentNullException.ThrowIfNull(trial);
        for (var rung = FirstRung; rung < 1; rung *= Reduction)
        {
            if (trial.Curve.Count > 0 && trial.Curve[^1].Share >= rung && !GoesOn(trial, history, rung))
            {
                return true;
            }
        }

        return false;
    }

    // Only those that began before it: the answer for a rung stays the same while it runs, and after a restart.
    private bool GoesOn(Trial trial, IReadOnlyList<Trial> history, double rung)
    {
        var own = AtRung(trial, rung);
        var others = history
            .Where(t => t.Number < trial.Number && t.State != TrialState.Failed && t.Curve.Count > 0 && t.Curve[^1].Share >= rung)
            .Select(t => AtRung(t, rung))
            .ToList();
        var places = Math.Max(1, (others.Count + 1) / Reduction);
        return others.Count(other => other <= own) < places;
    }

    private static double AtRung(Trial trial, double rung)
    {
        var first = trial.Curve.First(point => point.Share >= rung);
        return trial.LowestUntil(first.Share) ?? double.PositiveInfinity;
    }
}
