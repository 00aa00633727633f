using MathNet.Numerics.Distributions;

namespace WebTrainer.Scoring.Statistics;

/// <summary>Whether paired values differ, by the ranks of their differences (Wilcoxon 1945); pairs without a difference are left out.</summary>
public static class Wilcoxon
{
    private const int MostForExact = 50;

    /// <summary>
    /// Two-sided p-value: exact up to 50 pairs without ties, else by the normal approximation with the variance corrected for ties, as scipy does.
    /// </summary>
    /// <returns>1 where no pair differs.</returns>
    public static double PValue(IReadOnlyList<double> differences)
    {
        ArgumentNullException.ThrowIfNull(differences);
        var moved = differences.Where(d => d != 0).OrderBy(Math.Abs).ToArray();
        if (moved.Length == 0)
            return 1;
        var (statistic, ties) = Rank(moved);
        double n = moved.Length;
        if (moved.Length <= MostForExact && ties == 0 && moved.Length == differences.Count)
            return Exact((int)statistic, moved.Length);
        var deviation = Math.Sqrt(n * (n + 1) * (2 * n + 1) / 24 - ties / 48);
        return Math.Min(1, 2 * Normal.CDF(0, 1, (statistic - n * (n + 1) / 4) / deviation));
    }

    // The smaller of the two sums of ranks, and Σ(t³ − t) over groups of t equal differences.
    private static (double Statistic, double Ties) Rank(double[] sorted)
    {
        var (up, down, ties) = (0.0, 0.0, 0.0);
        for (var begin = 0; begin < sorted.Length;)
        {
            var end = begin + 1;
            while (end < sorted.Length && Math.Abs(sorted[end]) == Math.Abs(sorted[begin]))
                end++;
            var rank = (begin + 1 + end) / 2.0;
            for (var i = begin; i < end; i++)
                _ = sorted[i] > 0 ? up += rank : down += rank;
            double group = end - begin;
            ties += group * group * group - group;
            begin = end;
        }

        return (Math.Min(up, down), ties);
    }

    // Share of all sign patterns whose sum of ranks is at most the statistic, twice.
    private static double Exact(int statistic, int pairs)
    {
        var ways = new double[pairs * (pairs + 1) / 2 + 1];
        ways[0] = 1;
        for (var rank = 1; rank <= pairs; rank++)
        {
            for (var sum = ways.Length - 1; sum >= rank; sum--)
                ways[sum] += ways[sum - rank];
        }

        return Math.Min(1, 2 * ways.Take(statistic + 1).Sum() / Math.Pow(2, pairs));
    }
}
