namespace WebTrainer.Pipeline.Vectors;

/// <summary>One order of several, by reciprocal ranks (Cormack, Clarke and Büttcher, SIGIR 2009).</summary>
public static class RankFusion
{
    /// <summary>k of the paper: how little it matters whether something is first or second in one order.</summary>
    private const double Smoothing = 60;

    /// <summary>What several orders have in front comes first: the sum of 1 / (60 + rank) over the orders that name it; of equal sums the
    /// smaller position.</summary>
    /// <param name="orders">Positions, each the best first and none twice.</param>
    public static IReadOnlyList<long> Fuse(params IReadOnlyList<long>[] orders)
    {
        ArgumentNullException.ThrowIfNull(orders);
        var scores = new Dictionary<long, double>();
        foreach (var order in orders)
        {
            foreach (var (rank, position) in order.Index())
            {
                scores[position] = scores.GetValueOrDefault(position) + (1 / (Smoothing + rank + 1));
            }
        }

        return [.. scores.OrderByDescending(s => s.Value).ThenBy(s => s.Key).Select(s => s.Key)];
    }
}
