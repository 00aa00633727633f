using System.Numerics;

namespace WebTrainer.Drift;

/// <summary>
/// Whether two samples are of one distribution, by the largest distance of their distribution functions (Smirnov, Bulletin of Moscow
/// University 2, 1939). Two-sided; p is what <c>scipy.stats.ks_2samp</c> gives by its method "auto".
/// </summary>
/// <remarks>Equal values make p too large, never too small: rounded values, such as counts of words, raise no false alarm by
/// that.</remarks>
public static class KolmogorovSmirnov
{
    /// <summary>Up to so many values on each side p is exact; beyond it is that of one sample of n₁n₂/(n₁+n₂) values, rounded.</summary>
    public const int MostExact = 10_000;

    /// <param name="reference">Finite numbers, at least one.</param>
    /// <param name="current">Finite numbers, at least one.</param>
    /// <returns>Statistic D from 0 to 1, the largest difference of shares of values up to a point.</returns>
    /// <exception cref="NotComparableException">A side is empty, or a value isn't finite.</exception>
    public static TestResult Test(IReadOnlyList<double> reference, IReadOnlyList<double> current)
    {
        var (old, now) = Samples.Sorted(reference, current);
        var common = (long)BigInteger.GreatestCommonDivisor(old.Length, now.Length);
        var (perOld, perNow) = (now.Length / common, old.Length / common);
        var steps = LargestDistance(old, now, perOld, perNow);
        var distance = (double)steps / (perOld * old.Length);
        if (steps == 0)
        {
            return new(0, 1);
        }

        var p =
            Math.Max(old.Length, now.Length) <= MostExact
                ? ChanceOutside(old.Length, now.Length, perOld, perNow, steps)
                : KolmogorovDistribution.Above((int)Math.Round((double)old.Length * now.Length / (old.Length + now.Length)), distance);
        return new(distance, Math.Clamp(p, 0, 1));
    }

    /// <summary>In steps of 1 / least common multiple of both counts, so that nothing is rounded.</summary>
    private static long LargestDistance(double[] old, double[] now, long perOld, long perNow)
    {
        var (i, j, largest) = (0, 0, 0L);
        while (i < old.Length && j < now.Length)
        {
            var value = Math.Min(old[i], now[j]);
            for (; i < old.Length && old[i] == value; i++) { }
            for (; j < now.Length && now[j] == value; j++) { }
            largest = Math.Max(largest, Math.Abs((i * perOld) - (j * perNow)));
        }

        return largest;
    }

    /// <summary>
    /// All orders of the values are equally likely, each a path on a lattice from (0, 0) to (m, n). Counted is the share of paths that
    /// come as far as the statistic from the diagonal (Hodges, Arkiv för Matematik 3, 1958): a path through (i, j) came from (i − 1, j)
    /// with chance
    /// i / (i + j). Shares of paths outside are added, so that small ones keep their digits.
    /// </summary>
    private static double ChanceOutside(int m, int n, long perI, long perJ, long steps)
    {
        // By columns of j: all is outside until it is known otherwise.
        var outside = new double[n + 1];
        Array.Fill(outside, 1);
        var low = 0;
        for (var i = 0; i <= m; i++)
        {
            for (; low <= n && (i * perI) - (low * perJ) >= steps; low++)
            {
                outside[low] = 1;
            }

            for (var j = low; j <= n && (j * perJ) - (i * perI) < steps; j++)
            {
                var before = j == 0 ? 0 : outside[j - 1];
                outside[j] = i + j == 0 ? 0 : ((outside[j] * i) + (before * j)) / (i + j);
            }
        }

        return outside[n];
    }
}
