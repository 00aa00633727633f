namespace WebTrainer.Statistics;

/// <summary>How the shares of two groups that have nothing to do with each other differ.</summary>
public static class TwoShares
{
    private const double Z = 1.959963984540054;

    /// <summary>
    /// 95 % interval of the first share less the second: Newcombe's method 10 without correlation, Statistics in Medicine 17, 1998.
    /// </summary>
    /// <param name="count1">Hits of the first group, of <paramref name="of1"/>.</param>
    /// <param name="of1">Size of the first group; of 0 its share counts as 0.</param>
    /// <param name="count2">Hits of the second group, of <paramref name="of2"/>.</param>
    /// <param name="of2">Size of the second group; of 0 its share counts as 0.</param>
    public static Interval Difference(long count1, long of1, long count2, long of2)
    {
        var (share1, share2) = (Of(count1, of1), Of(count2, of2));
        var (first, second) = (Wilson.Of(count1, of1), Wilson.Of(count2, of2));
        var difference = share1 - share2;
        return new(
            difference - Math.Sqrt(Math.Pow(share1 - first.Low, 2) + Math.Pow(second.High - share2, 2)),
            difference + Math.Sqrt(Math.Pow(first.High - share1, 2) + Math.Pow(share2 - second.Low, 2))
        );
    }

    /// <summary>
    /// 95 % interval of the first share as a multiple of the second, by its logarithm (Katz et al., Biometrics 34, 1978); from 0 to
    /// infinity where either count is 0.
    /// </summary>
    /// <inheritdoc cref="Difference"/>
    public static Interval Ratio(long count1, long of1, long count2, long of2)
    {
        if (count1 == 0 || count2 == 0)
        {
            return new(0, double.PositiveInfinity);
        }

        var middle = Math.Log(Of(count1, of1) / Of(count2, of2));
        var spread = Z * Math.Sqrt((1.0 / count1) - (1.0 / of1) + (1.0 / count2) - (1.0 / of2));
        return new(Math.Exp(middle - spread), Math.Exp(middle + spread));
    }

    private static double Of(long count, long of) => of == 0 ? 0 : (double)count / of;
}
