namespace WebTrainer.Search.Samplers;

/// <summary>Order of ended trials: completed ones by value, then pruned ones by how far they came, failed ones last.</summary>
internal static class TrialRanking
{
    public static IOrderedEnumerable<Trial> BestFirst(IEnumerable<Trial> ended) =>
        ended
            .OrderBy(t =>
                t.Value is { } value && double.IsFinite(value)
                    ? t.State == TrialState.Completed
                        ? 0
                        : 1
                    : 2
            )
            .ThenByDescending(t => t.State == TrialState.Pruned && t.Curve.Count > 0 ? t.Curve[^1].Share : 0)
            .ThenBy(t => t.Value ?? double.PositiveInfinity)
            .ThenBy(t => t.Number);
}
