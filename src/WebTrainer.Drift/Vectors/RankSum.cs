using MathNet.Numerics.Distributions;

namespace WebTrainer.Drift;

/// <summary>
/// Share of pairs of a row of the window and one of the reference in which the window's scores higher, equal ones counted half: the area
/// under the ROC curve. Its p is that of Mann and Whitney (Annals of Mathematical Statistics 18, 1947), one-sided.
/// </summary>
public static class RankSum
{
    /// <param name="reference">Finite scores, at least one.</param>
    /// <param name="current">Finite scores, at least one.</param>
    /// <returns>Area from 0 to 1, 0.5 without a difference, and the chance of as large a one; by normal approximation with correction for
    /// ties and continuity.</returns>
    /// <exception cref="NotComparableException">A side is empty, or a score isn't finite.</exception>
    public static TestResult Test(IReadOnlyList<double> reference, IReadOnlyList<double> current)
    {
        var (old, now) = Samples.Sorted(reference, current);
        var (wins, ties, i, j) = (0.0, 0.0, 0, 0);
        while (i < old.Length || j < now.Length)
        {
            var value = j == now.Length || (i < old.Length && old[i] <= now[j]) ? old[i] : now[j];
            var (firstOld, firstNow) = (i, j);
            for (; i < old.Length && old[i] == value; i++) { }
            for (; j < now.Length && now[j] == value; j++) { }
            wins += (j - firstNow) * (firstOld + ((i - firstOld) / 2.0));
            var equal = (double)(i - firstOld + j - firstNow);
            ties += (equal * equal * equal) - equal;
        }

        var (n, m, all) = ((double)old.Length, (double)now.Length, (double)old.Length + now.Length);
        var variance = n * m / 12 * (all + 1 - (ties / (all * (all - 1))));
        var p = variance <= 0 ? 1 : Normal.CDF(0, 1, -(wins - (n * m / 2) - 0.5) / Math.Sqrt(variance));
        return new(wins / (n * m), Math.Clamp(p, 0, 1));
    }
}
