namespace WebTrainer.Pipeline.Cleaning.Duplicates;

/// <summary>Finds texts that are nearly one that is kept.</summary>
/// <remarks>
/// Rows come by their rank, the best first. One that is like a kept row is set aside for it, every other is kept. So each row set aside
/// is like its own kept row, and not only like another that is like it.
/// </remarks>
internal static class NearTwins
{
    private const int RowsBetweenChecks = 10_000;

    /// <param name="signatures">Null for rows that aren't compared.</param>
    /// <param name="twins">Filled with the kept row's position plus one; 0 for rows that are kept themselves.</param>
    public static void Find(uint[]?[] signatures, long[] ranks, double threshold, int[] twins, CancellationToken cancellationToken)
    {
        var order = Enumerable.Range(0, signatures.Length).Where(i => signatures[i] is not null).ToArray();
        if (order.Length == 0) return;
        Array.Sort(order, (x, y) => (ranks[x], x).CompareTo((ranks[y], y)));
        var bands = LshBands.For(threshold, signatures[order[0]]!.Length);
        var tables = Enumerable.Range(0, bands.Count).Select(b => new BandTable(b * bands.Rows, bands.Rows, order.Length, signatures)).ToArray();
        foreach (var (done, index) in order.Index())
        {
            if (done % RowsBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
            twins[index] = Twin(signatures, tables, index, threshold) + 1;
            if (twins[index] != 0) continue;
            foreach (var table in tables) table.Add(index);
        }
    }

    /// <returns>The first kept row that is like this one; −1 where there is none.</returns>
    private static int Twin(uint[]?[] signatures, BandTable[] tables, int index, double threshold)
    {
        var signature = signatures[index]!;
        foreach (var table in tables)
        {
            foreach (var other in table.Find(signature))
            {
                if (MinHasher.Similarity(signature, signatures[other]) >= threshold) return other;
            }
        }

        return -1;
    }
}
