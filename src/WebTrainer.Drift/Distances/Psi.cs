namespace WebTrainer.Drift;

/// <summary>A population stability index and how it was counted.</summary>
/// <param name="Value">Σ (r − c)·ln(r / c) over bins, r and c the shares of reference and window; 0 where they are equal, no upper
/// end.</param>
/// <param name="Bins">Intervals, or categories that either side has.</param>
public sealed record PsiResult(double Value, int Bins);

/// <summary>
/// The population stability index as Evidently counts it. It is not the one of textbooks, which takes ten quantiles of the reference:
/// the bins are as wide as Sturges' rule (Journal of the American Statistical Association 21, 1926) makes them over both samples together.
/// </summary>
/// <remarks>
/// Numbers of at most 20 different values in the reference are taken as categories. A share of 0 becomes 0.0001, or a millionth of the
/// smallest share of its side where that is 0.0001 or less. A rule of thumb calls 0.1 a small change and 0.25 a large one; the index
/// grows as samples get smaller, so that it says how large a change is and not whether there is one.
/// </remarks>
public static class Psi
{
    /// <summary>With more different values in the reference, numbers are put into intervals.</summary>
    public const int MostCategories = 20;

    private const double UsualFill = 0.0001;
    private const double FillOfSmall = 1e-6;

    /// <param name="reference">Finite numbers, at least one.</param>
    /// <param name="current">Finite numbers, at least one.</param>
    /// <exception cref="NotComparableException">A side is empty, or a value isn't finite, or their range isn't.</exception>
    public static PsiResult OfNumbers(IReadOnlyList<double> reference, IReadOnlyList<double> current)
    {
        var (old, now) = Samples.Sorted(reference, current);
        if (old.Distinct().Count() <= MostCategories)
        {
            return OfCategories(reference, current);
        }

        var edges = SturgesEdges(Math.Min(old[0], now[0]), Math.Max(old[^1], now[^1]), old.Length + now.Length);
        return Of(Shares(old, edges), Shares(now, edges));
    }

    /// <param name="reference">At least one; equal values are one category.</param>
    /// <param name="current">At least one; may have categories that the reference hasn't.</param>
    /// <exception cref="NotComparableException">A side is empty.</exception>
    public static PsiResult OfCategories<T>(IReadOnlyList<T> reference, IReadOnlyList<T> current)
        where T : notnull
    {
        Samples.RequireSome(reference, "reference");
        Samples.RequireSome(current, "window");
        var (old, now) = (reference.CountBy(value => value).ToDictionary(), current.CountBy(value => value).ToDictionary());
        T[] all = [.. reference.Concat(current).Distinct()];
        return Of(SharesOf(all, old, reference.Count), SharesOf(all, now, current.Count));
    }

    private static double[] SharesOf<T>(T[] categories, Dictionary<T, int> counts, int rows)
        where T : notnull => [.. categories.Select(category => (double)counts.GetValueOrDefault(category) / rows)];

    private static PsiResult Of(double[] reference, double[] current)
    {
        FillZeros(reference);
        FillZeros(current);
        return new(reference.Zip(current, (r, c) => (r - c) * Math.Log(r / c)).Sum(), reference.Length);
    }

    private static void FillZeros(double[] shares)
    {
        var least = shares.Where(share => share > 0).Min();
        var fill = least <= UsualFill ? least * FillOfSmall : UsualFill;
        foreach (ref var share in shares.AsSpan())
        {
            share = share == 0 ? fill : share;
        }
    }

    /// <summary>Equal widths: ⌈range / (range / (log₂ n + 1))⌉ intervals, in just this order of roundings.</summary>
    private static double[] SturgesEdges(double low, double high, int values)
    {
        var range = high - low;
        if (!double.IsFinite(range))
        {
            throw new NotComparableException($"The values reach from {low} to {high}, which is too far for intervals; scale them first.");
        }

        var bins = Math.Max(1, (int)Math.Ceiling(range / (range / (Math.Log2(values) + 1))));
        var step = range / bins;
        return [.. Enumerable.Range(0, bins).Select(i => (i * step) + low), high];
    }

    /// <summary>Of each interval with its lower edge; the last has its upper one too.</summary>
    private static double[] Shares(double[] sorted, double[] edges)
    {
        int[] below = [.. edges.Select((edge, i) => Samples.CountBelow(sorted, edge, inclusive: i == edges.Length - 1))];
        return [.. below.Zip(below.Skip(1), (from, to) => (double)(to - from) / sorted.Length)];
    }
}
