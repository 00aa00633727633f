namespace WebTrainer.Labeling;

/// <summary>What a labelling function does on the rows.</summary>
/// <param name="Coverage">Share of rows on which it votes.</param>
/// <param name="Overlap">Share on which it and another vote.</param>
/// <param name="Conflict">Share on which another votes otherwise.</param>
/// <param name="Accuracy">Right votes among its votes on rows whose label is known; null without any.</param>
/// <param name="Judged">Those votes.</param>
public sealed record FunctionStatistics(double Coverage, double Overlap, double Conflict, double? Accuracy, int Judged)
{
    /// <param name="votes">As for <see cref="LabelModel.Fit"/>.</param>
    /// <param name="known">Of each row its label; null where it is not known.</param>
    public static IReadOnlyList<FunctionStatistics> Of(IReadOnlyList<int[]> votes, IReadOnlyList<int?> known)
    {
        ArgumentNullException.ThrowIfNull(votes);
        var functions = votes.Count == 0 ? 0 : votes[0].Length;
        return [.. Enumerable.Range(0, functions).Select(f => Of(f, votes, known))];
    }

    private static FunctionStatistics Of(int function, IReadOnlyList<int[]> votes, IReadOnlyList<int?> known)
    {
        int covered = 0,
            overlapping = 0,
            conflicting = 0,
            judged = 0,
            right = 0;
        for (var row = 0; row < votes.Count; row++)
        {
            var vote = votes[row][function];
            if (vote == LabelModel.Abstain)
            {
                continue;
            }

            covered++;
            var others = votes[row].Where((other, f) => f != function && other != LabelModel.Abstain).ToList();
            if (others.Count > 0)
            {
                overlapping++;
            }

            if (others.Exists(other => other != vote))
            {
                conflicting++;
            }

            if (known[row] is not { } label)
            {
                continue;
            }

            judged++;
            if (label == vote)
            {
                right++;
            }
        }

        double Share(int rows) => votes.Count == 0 ? 0 : rows / (double)votes.Count;
        return new(Share(covered), Share(overlapping), Share(conflicting), judged == 0 ? null : right / (double)judged, judged);
    }
}
