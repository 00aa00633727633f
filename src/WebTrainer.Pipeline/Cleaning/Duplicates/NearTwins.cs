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
    /// <param name="classes">Only rows of one class are set aside for each other.</param>
    /// <param name="twins">Filled with the kept row's position plus one; 0 for rows that are kept themselves.</param>
    /// <returns>Rows that are kept though they are like a kept row of another class.</returns>
    public static long Find(
        uint[]?[] signatures,
        long[] ranks,
        ulong[] classes,
        double threshold,
        int[] twins,
        CancellationToken cancellationToken
    )
    {
        long crossing = 0;
        var order = Enumerable.Range(0, signatures.Length).Where(i => signatures[i] is not null).ToArray();
        if (order.Length == 0)
        {
            return crossing;
        }

        Array.Sort(order, (x, y) => (ranks[x], x).CompareTo((ranks[y], y)));
        var bands = LshBands.For(threshold, signatures[order[0]]!.Length);
        var tables = Enumerable
            .Range(0, bands.Count)
            .Select(b => new BandTable(b * bands.Rows, bands.Rows, order.Length, signatures))
            .ToArray();
        foreach (var (done, index) in order.Index())
        {
            if (done % RowsBetweenChecks == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            var (twin, crosses) = Twin(signatures, classes, tables, index, threshold);
            twins[index] = twin + 1;
            if (twin >= 0)
            {
                continue;
            }

            if (crosses)
            {
                crossing++;
            }

            foreach (var table in tables)
            {
                table.Add(index);
            }
        }

        return crossing;
    }

    /// <returns>The first kept row of its class that is like this one, −1 where there is none; and whether one of another class
    /// is.</returns>
    private static (int Twin, bool Crosses) Twin(uint[]?[] signatures, ulong[] classes, BandTable[] tables, int index, double threshold)
    {
        var (signature, crosses) = (signatures[index]!, false);
        foreach (var table in tables)
        {
            foreach (var other in table.Find(signature))
            {
                // One of another class need not be compared again once another was found.
                var isOfClass = classes[other] == classes[index];
                if ((crosses && !isOfClass) || MinHasher.Similarity(signature, signatures[other]) < threshold)
                {
                    continue;
                }

                if (isOfClass)
                {
                    return (other, crosses);
                }

                crosses = true;
            }
        }

        return (-1, crosses);
    }
}
