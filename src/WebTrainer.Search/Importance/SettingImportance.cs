using WebTrainer.Search.Samplers;

namespace WebTrainer.Search.Importance;

/// <summary>How much of what trials differ in goes back to one setting alone.</summary>
/// <param name="Name">Of the parameter in the space.</param>
/// <param name="Share">Of the variance, 0 to 1; what settings do only together is in none.</param>
/// <param name="Trials">Completed trials in which the setting had a value.</param>
public sealed record SettingShare(string Name, double Share, int Trials);

/// <summary>
/// Functional analysis of variance (Hutter, Hoos and Leyton-Brown, ICML 2014): a forest of small trees learns value from settings; the
/// share of a setting is the variance of the forest's mean along it, over the forest's whole variance.
/// </summary>
public static class SettingImportance
{
    /// <summary>Fewer completed trials say nothing.</summary>
    public const int FewestTrials = 6;
    private const int Trees = 64;
    private const double Absent = 0.5;

    /// <returns>The highest share first; empty while there are too few trials or all reached the same.</returns>
    public static IReadOnlyList<SettingShare> Of(SearchSpace space, IReadOnlyList<Trial> history)
    {
        ArgumentNullException.ThrowIfNull(space);
        var completed = history.Where(t => t.State == TrialState.Completed && t.Value is { } value && double.IsFinite(value)).ToList();
        if (completed.Count < FewestTrials)
        {
            return [];
        }
        // A setting without a value stands in the middle: where it has none, it makes no difference.
        var points = completed
            .Select(t => space.Parameters.Select(p => t.Point.TryGetValue(p.Name, out var value) ? p.ToUnit(value) : Absent).ToArray())
            .ToArray();
        var values = completed.Select(t => t.Value!.Value).ToArray();
        var (shares, trees) = (new double[space.Parameters.Count], 0);
        for (var tree = 0; tree < Trees; tree++)
        {
            var draw = new Draw(0, tree);
            var grown = new RegressionTree(
                points,
                values,
                [.. Enumerable.Range(0, points.Length).Select(_ => draw.Below(points.Length))],
                draw
            );
            if (grown.Variance() is not (> 0 and var variance))
            {
                continue;
            }

            trees++;
            for (var axis = 0; axis < shares.Length; axis++)
            {
                shares[axis] += grown.VarianceAlong(axis) / variance;
            }
        }

        return trees == 0
            ? []
            :
            [
                .. space
                    .Parameters.Select(
                        (p, axis) => new SettingShare(p.Name, shares[axis] / trees, completed.Count(t => t.Point.ContainsKey(p.Name)))
                    )
                    .OrderByDescending(s => s.Share),
            ];
    }
}
