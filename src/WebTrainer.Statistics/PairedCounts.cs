namespace WebTrainer.Statistics;

/// <summary>How two models did on the same rows.</summary>
/// <param name="Both">Rows on which both are right.</param>
/// <param name="OnlyFirst">Rows on which the first alone is right.</param>
/// <param name="OnlySecond">Rows on which the second alone is right.</param>
/// <param name="Neither">Rows on which both are wrong.</param>
public sealed record PairedCounts(long Both, long OnlyFirst, long OnlySecond, long Neither)
{
    /// <summary>All rows, those on which the two agree among them.</summary>
    public long Rows => Both + OnlyFirst + OnlySecond + Neither;

    /// <summary>Share of right answers of the second less that of the first, -1 to 1.</summary>
    public double Difference => Rows == 0 ? 0 : (double)(OnlySecond - OnlyFirst) / Rows;

    /// <param name="right">For each row, whether the first and whether the second is right.</param>
    public static PairedCounts Of(IEnumerable<(bool First, bool Second)> right)
    {
        var (both, first, second, neither) = (0L, 0L, 0L, 0L);
        foreach (var row in right)
        {
            switch (row)
            {
                case (true, true):
                    both++;
                    break;
                case (true, false):
                    first++;
                    break;
                case (false, true):
                    second++;
                    break;
                default:
                    neither++;
                    break;
            }
        }

        return new(both, first, second, neither);
    }

    /// <summary>
    /// 95 % interval of <see cref="Difference"/>: Newcombe's square-and-add of two Wilson intervals, with the correlation of the pairs
    /// (Statistics in Medicine 17, 1998, method 10). Holds for few rows, and where a model is right on all of them.
    /// </summary>
    public Interval DifferenceInterval()
    {
        if (Rows == 0)
        {
            return new(-1, 1);
        }

        var (first, second) = (Both + OnlyFirst, Both + OnlySecond);
        var (p1, p2) = ((double)first / Rows, (double)second / Rows);
        var (w1, w2) = (Wilson.Of(first, Rows), Wilson.Of(second, Rows));
        var phi = Correlation();
        var low = Span(p2 - w2.Low, w1.High - p1, phi);
        var high = Span(w2.High - p2, p1 - w1.Low, phi);
        return new(Difference - low, Difference + high);
    }

    private static double Span(double a, double b, double phi) => Math.Sqrt(Math.Max(0, a * a - 2 * phi * a * b + b * b));

    /// <summary>Phi coefficient of the pairs, its numerator corrected for continuity where positive; 0 where a margin is empty.</summary>
    private double Correlation()
    {
        var margins = (double)(Both + OnlyFirst) * (OnlySecond + Neither) * (Both + OnlySecond) * (OnlyFirst + Neither);
        if (margins <= 0)
        {
            return 0;
        }

        var numerator = (double)Both * Neither - (double)OnlyFirst * OnlySecond;
        if (numerator > 0)
        {
            numerator = Math.Max(0, numerator - Rows / 2.0);
        }

        return numerator / Math.Sqrt(margins);
    }
}
