namespace WebTrainer.Labeling;

/// <summary>
/// Agreement beyond chance on rankings: Krippendorff's interval α over the ranks that raters gave each thing. Of full rankings chance is
/// the mean rank for all, so that α is the mean of Spearman's ρ over pairs of raters but for the correction for small samples: 1 for the
/// same order, 0 for chance, below 0 for opposite orders. Kendall's W of m raters is ((m − 1)·ρ̄ + 1) / m and so never below 0, which tells
/// chance and quarrel apart less well.
/// </summary>
public static class RankAlpha
{
    /// <param name="items">Of each item the raters' orders, the best first, of the same things; items with fewer than two raters don't
    /// count.</param>
    /// <param name="seed">The same seed and items give the same interval.</param>
    public static AlphaEstimate Compute(IReadOnlyList<IReadOnlyList<IReadOnlyList<string>>> items, int seed)
    {
        ArgumentNullException.ThrowIfNull(items);
        var rated = items.Where(orders => orders.Count > 1 && orders[0].Count > 1).ToList();
        var most = rated.Select(orders => orders.Max(o => o.Count)).DefaultIfEmpty().Max();
        var tables = rated.ConvertAll(orders =>
            KrippendorffAlpha.Coincidences(
                orders[0].Select(thing => (Ranks(orders, thing, most), 1.0)).Where(unit => unit.Item1.Sum() > 1),
                most
            )
        );
        return ClusteredAlpha.Estimate(
            tables,
            MeasurementLevel.Interval,
            [.. Enumerable.Range(0, most).Select(rank => (double)rank)],
            seed
        );
    }

    /// <summary>How many raters gave a thing each rank.</summary>
    private static int[] Ranks(IReadOnlyList<IReadOnlyList<string>> orders, string thing, int most)
    {
        var counts = new int[most];
        foreach (var order in orders)
        {
            for (var rank = 0; rank < order.Count; rank++)
            {
                if (order[rank] == thing)
                {
                    counts[rank]++;
                }
            }
        }

        return counts;
    }
}
