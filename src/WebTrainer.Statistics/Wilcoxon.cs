using MathNet.Numerics.Distributions;

namespace WebTrainer.Statistics;

/// <summary>
/// Whether paired values differ, by the ranks of their differences (Wilcoxon, Biometrics Bulletin 1, 1945): no shape is assumed.
/// </summary>
public static class Wilcoxon
{
    /// <summary>Up to here the distribution is counted out, beyond it the normal one is near enough; scipy's rule.</summary>
    private const int MostExact = 50;

    /// <summary>
    /// With fewer differences it is counted out even where some are equal or pairs were left out: the normal one calls four of four
    /// differences sure.
    /// </summary>
    private const int FewDifferences = 25;

    /// <summary>
    /// Two-sided. Pairs without a difference are left out. The signs of few differences are permuted (exact, with ties too); where there
    /// are more, and ranks are tied or left out, or pairs are many, by normal approximation.
    /// </summary>
    /// <returns>The smaller rank sum and its p-value; p is 1 where nothing differs.</returns>
    public static (double Statistic, double PValue) Test(IReadOnlyList<double> differences)
    {
        double[] left = [.. differences.Where(difference => difference != 0)];
        if (left.Length == 0)
        {
            return (0, 1);
        }

        var (ranks, tieTerm) = Ranks([.. left.Select(Math.Abs)]);
        var above = left.Zip(ranks).Where(pair => pair.First > 0).Sum(pair => pair.Second);
        var total = (double)left.Length * (left.Length + 1) / 2;
        var smaller = Math.Min(above, total - above);
        if (left.Length < FewDifferences || (left.Length <= MostExact && tieTerm == 0 && left.Length == differences.Count))
        {
            return (smaller, Math.Min(1, 2 * Exact(smaller, ranks)));
        }

        var n = (double)left.Length;
        var deviation = Math.Sqrt((n * (n + 1) * (2 * n + 1) / 24) - (tieTerm / 48));
        return (smaller, Math.Min(1, 2 * Normal.CDF(0, 1, (smaller - total / 2) / deviation)));
    }

    /// <summary>Mean ranks from 1, and Σ(t³ - t) over groups of t equal values.</summary>
    private static (double[] Ranks, double TieTerm) Ranks(double[] values)
    {
        int[] order = [.. Enumerable.Range(0, values.Length).OrderBy(i => values[i])];
        var ranks = new double[values.Length];
        var ties = 0.0;
        for (var begin = 0; begin < order.Length; )
        {
            var end = begin;
            while (end < order.Length && values[order[end]] == values[order[begin]])
            {
                end++;
            }

            for (var i = begin; i < end; i++)
            {
                ranks[order[i]] = (begin + end + 1) / 2.0;
            }

            var equal = (double)(end - begin);
            ties += (equal * equal * equal) - equal;
            begin = end;
        }

        return (ranks, ties);
    }

    /// <summary>
    /// P[W ≤ w] where each rank is above or below zero with chance 1/2: subsets of ranks counted by their sum, in halves since tied ranks
    /// are.
    /// </summary>
    private static double Exact(double statistic, double[] ranks)
    {
        var most = (int)Math.Round(2 * statistic);
        var ways = new double[most + 1];
        ways[0] = 1;
        foreach (var rank in ranks.Select(rank => (int)Math.Round(2 * rank)))
        {
            for (var sum = most; sum >= rank; sum--)
            {
                ways[sum] += ways[sum - rank];
            }
        }

        return ways.Sum() / Math.Pow(2, ranks.Length);
    }
}
