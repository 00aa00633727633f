using WebTrainer.Search.Parzen;

namespace WebTrainer.Search.Samplers;

/// <summary>
/// Tree-structured Parzen estimator (Bergstra et al., NeurIPS 2011; multivariate as in Falkner et al., ICML 2018): the best trials have the
/// density l(x), all others g(x); of candidates drawn from l it takes the one with the highest l/g, which has the highest expected
/// improvement.
/// </summary>
/// <remarks>Parameters under the same condition are taken together, so that what goes with what is learned.</remarks>
public sealed class TpeSampler : ISampler
{
    /// <summary>Trials at random before there is something to learn from.</summary>
    public int StartTrials { get; init; } = 10;

    /// <summary>Candidates of which the best is taken.</summary>
    public int Candidates { get; init; } = 24;

    /// <summary>Whether parameters are taken together; if not, each for itself.</summary>
    public bool Multivariate { get; init; } = true;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Next(SearchSpace space, IReadOnlyList<Trial> history, long seed)
    {
        ArgumentNullException.ThrowIfNull(history);
        var draw = new Draw(seed, history.Count);
        var ended = history.Where(t => t.State != TrialState.Running).ToList();
        if (ended.Count < StartTrials)
        {
            return space.Fill(parameter => parameter.FromUnit(draw.Uniform()));
        }

        var best = TrialRanking.BestFirst(ended).Take(BestCount(ended.Count)).Select(t => t.Number).ToHashSet();
        var point = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var group in GroupsOf(space))
        {
            if (SearchSpace.IsActive(group[0], space, point))
            {
                Choose(group, history, best, draw, point);
            }
        }

        return point;
    }

    private void Choose(
        IReadOnlyList<Parameter> group,
        IReadOnlyList<Trial> history,
        HashSet<int> best,
        Draw draw,
        Dictionary<string, double> point
    )
    {
        // Trials that still run count among the others: several at once then go to different places.
        var known = history.Where(t => group.All(p => t.Point.ContainsKey(p.Name))).ToLookup(t => best.Contains(t.Number), t => t.Point);
        var (good, other) = (new ParzenEstimator(group, [.. known[true]]), new ParzenEstimator(group, [.. known[false]]));
        var chosen = Enumerable
            .Range(0, Candidates)
            .Select(_ => good.Sample(draw))
            .MaxBy(values => good.LogDensity(values) - other.LogDensity(values))!;
        foreach (var (parameter, value) in group.Zip(chosen))
        {
            point[parameter.Name] = value;
        }
    }

    private IEnumerable<IReadOnlyList<Parameter>> GroupsOf(SearchSpace space) =>
        Multivariate
            ? space
                .Parameters.GroupBy(p => p.When is { } when ? $"{when.Parent}={string.Join('|', when.Choices)}" : "")
                .Select(group => group.ToList())
            : space.Parameters.Select(p => (IReadOnlyList<Parameter>)[p]);

    private static int BestCount(int count) => Math.Min((int)Math.Ceiling(0.1 * count), 25);
}
