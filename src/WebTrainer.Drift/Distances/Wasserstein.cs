namespace WebTrainer.Drift;

/// <summary>
/// How far values must be moved on the average to make one sample of the other: the first Wasserstein distance, the area between the two
/// distribution functions, <c>∫ |F(x) − G(x)| dx</c> (Vallender, Theory of Probability and its Applications 18, 1974).
/// </summary>
public static class Wasserstein
{
    /// <param name="reference">Finite numbers, at least one.</param>
    /// <param name="current">Finite numbers, at least one.</param>
    /// <returns>0 or more, in the values' own unit.</returns>
    /// <exception cref="NotComparableException">A side is empty, or a value isn't finite.</exception>
    public static double Distance(IReadOnlyList<double> reference, IReadOnlyList<double> current)
    {
        var (old, now) = Samples.Sorted(reference, current);
        var (i, j, area) = (0, 0, 0.0);
        var at = Math.Min(old[0], now[0]);
        while (i < old.Length || j < now.Length)
        {
            var next = j == now.Length || (i < old.Length && old[i] <= now[j]) ? old[i] : now[j];
            area += Math.Abs(((double)i / old.Length) - ((double)j / now.Length)) * (next - at);
            at = next;
            for (; i < old.Length && old[i] == next; i++) { }
            for (; j < now.Length && now[j] == next; j++) { }
        }

        return area;
    }
}
