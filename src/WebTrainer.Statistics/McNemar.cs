using MathNet.Numerics.Distributions;

namespace WebTrainer.Statistics;

/// <summary>Whether two models differ on the same rows (McNemar 1947): only rows on which one alone is right tell anything.</summary>
public static class McNemar
{
    /// <summary>
    /// Exact two-sided p-value: under no difference each of the n one-sided rows falls to either model with chance 1/2, so
    /// <c>p = min(1, 2·P[Bin(n, ½) ≤ min(b, c)])</c>.
    /// </summary>
    public static double PValue(PairedCounts counts)
    {
        var (b, c) = (counts.OnlyFirst, counts.OnlySecond);
        return b + c == 0 ? 1 : Math.Min(1, 2 * Binomial.CDF(0.5, checked((int)(b + c)), Math.Min(b, c)));
    }

    /// <summary>
    /// Rows needed to find a difference of this size at the 5 % level in four of five tries (Connor, Biometrics 43, 1987).
    /// </summary>
    /// <returns>Null where no difference was seen: no number of rows would show it.</returns>
    public static long? RowsNeeded(PairedCounts counts)
    {
        const double Z975 = 1.959963984540054,
            Z80 = 0.8416212335729143;
        var difference = Math.Abs(counts.Difference);
        if (difference == 0)
        {
            return null;
        }

        var discordant = (double)(counts.OnlyFirst + counts.OnlySecond) / counts.Rows;
        var root = Z975 * Math.Sqrt(discordant) + Z80 * Math.Sqrt(discordant - difference * difference);
        return (long)Math.Ceiling(root * root / (difference * difference));
    }
}
