namespace WebTrainer.Pipeline.Fairness;

/// <summary>Where a figure lies with 95 % confidence.</summary>
public sealed record Interval(double Low, double High)
{
    private const double Z = 1.959963984540054;

    /// <summary>Of a share: Wilson, JASA 22, 1927.</summary>
    public static Interval OfShare(long count, long of)
    {
        if (of == 0)
        {
            return new(0, 1);
        }

        var share = (double)count / of;
        var middle = share + (Z * Z / (2 * of));
        var spread = Z * Math.Sqrt((share * (1 - share) / of) + (Z * Z / (4.0 * of * of)));
        var scale = 1 + (Z * Z / of);
        return new(Math.Max(0, (middle - spread) / scale), Math.Min(1, (middle + spread) / scale));
    }

    /// <summary>Of the difference of two shares: Newcombe's method 10, Statistics in Medicine 17, 1998.</summary>
    public static Interval OfDifference(long count1, long of1, long count2, long of2)
    {
        var (share1, share2) = (Share(count1, of1), Share(count2, of2));
        var (first, second) = (OfShare(count1, of1), OfShare(count2, of2));
        var difference = share1 - share2;
        return new(
            difference - Math.Sqrt(Math.Pow(share1 - first.Low, 2) + Math.Pow(second.High - share2, 2)),
            difference + Math.Sqrt(Math.Pow(first.High - share1, 2) + Math.Pow(share2 - second.Low, 2))
        );
    }

    /// <summary>
    /// Of the ratio of two shares, by its logarithm (Katz et al., Biometrics 34, 1978); from 0 to infinity where either count is 0.
    /// </summary>
    public static Interval OfRatio(long count1, long of1, long count2, long of2)
    {
        if (count1 == 0 || count2 == 0)
        {
            return new(0, double.PositiveInfinity);
        }

        var middle = Math.Log(Share(count1, of1) / Share(count2, of2));
        var spread = Z * Math.Sqrt((1.0 / count1) - (1.0 / of1) + (1.0 / count2) - (1.0 / of2));
        return new(Math.Exp(middle - spread), Math.Exp(middle + spread));
    }

    private static double Share(long count, long of) => of == 0 ? 0 : (double)count / of;
}
