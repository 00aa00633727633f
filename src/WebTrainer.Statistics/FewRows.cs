using MathNet.Numerics.Distributions;

namespace WebTrainer.Statistics;

/// <summary>
/// Intervals of means of few values, or of values that are nearly all the same. The percentile bootstrap knows only the values that were
/// drawn, and is too narrow there: of ten zeros it is certain that there is nothing else. Coverage in simulations: docs/evaluation.md.
/// </summary>
public static class FewRows
{
    /// <summary>From here on the bootstrap holds what it says.</summary>
    public const int Enough = 200;

    /// <summary>With fewer values apart from the most frequent one, the values seen don't tell how far others may lie.</summary>
    private const int EnoughApart = 15;

    /// <summary>The range of values without one: losses, and their differences.</summary>
    public static readonly Interval Anywhere = new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>The range of differences of values between 0 and 1.</summary>
    public static readonly Interval OfShares = new(-1, 1);

    private static readonly Interval s_unknown = new(double.NaN, double.NaN);

    /// <summary>
    /// Whether values are too few, or too nearly all the same, for the bootstrap: fewer than <see cref="Enough"/>, or fewer than 15 that
    /// are not the most frequent one.
    /// </summary>
    public static bool Fits(IReadOnlyList<double> values) => values.Count < Enough || IsNearlyOneValue([.. values]);

    /// <summary>
    /// 95 % interval of the mean. Student's t with the skewness taken away (Hall, Journal of the Royal Statistical Society B 54, 1992).
    /// Where nearly all values are the same, plain t, with one value more at each end of their range, as Agresti and Coull (1998) do for
    /// shares.
    /// </summary>
    /// <param name="values">At least one where the range is infinite at an end.</param>
    /// <param name="range">Between which all values of the kind lie; null: 0 and 1, or -1 and 1, where all of these do, else
    /// <see cref="Anywhere"/>.</param>
    /// <returns>Not a number where nothing limits it: one value of unknown range.</returns>
    public static Interval OfMean(IReadOnlyList<double> values, Interval? range = null)
    {
        range ??= RangeOf(values);
        double[] all = [.. values];
        if (all.Length < 2 && double.IsInfinity(range.Low))
        {
            return s_unknown;
        }

        return Within(range, IsNearlyOneValue(all) ? Student([.. all, .. Ends(range, values)]) : WithoutSkewness(all));
    }

    /// <summary>
    /// 95 % interval of any smooth figure that is made of rows: that of the mean of the jackknife's pseudo-values <c>n·θ - (n - 1)·θ
    /// without a row</c> (Tukey 1958).
    /// </summary>
    /// <param name="count">Number of rows; of fewer than two the interval is not a number.</param>
    /// <param name="figure">Gets the numbers of rows.</param>
    public static Interval OfRows(int count, Func<int[], double> figure)
    {
        if (count < 2)
        {
            return s_unknown;
        }

        int[] all = [.. Enumerable.Range(0, count)];
        var whole = figure(all);
        // Rounded, for rows without any influence are to be seen as equal.
        return OfMean([
            .. all.Select(left => Math.Round((count * whole) - ((count - 1) * figure([.. all.Where(row => row != left)])), 12)),
        ]);
    }

    private static bool IsNearlyOneValue(double[] values)
    {
        var apart = values.Length - values.CountBy(value => value).Max(pair => pair.Value);
        return apart < EnoughApart && apart < values.Length / 2.0;
    }

    private static Interval RangeOf(IReadOnlyList<double> values) =>
        values.All(value => value is >= 0 and <= 1) ? new(0, 1)
        : values.All(value => value is >= -1 and <= 1) ? new(-1, 1)
        : Anywhere;

    /// <summary>Of an unknown range: as far as the farthest value lies from 0, to both sides.</summary>
    private static double[] Ends(Interval range, IReadOnlyList<double> values) =>
        double.IsFinite(range.Low) ? [range.Low, range.High]
        : values.Max(Math.Abs) is var far ? [-far, far]
        : [];

    private static Interval Within(Interval range, Interval interval) =>
        new(Math.Max(range.Low, interval.Low), Math.Min(range.High, interval.High));

    private static Interval Student(double[] values)
    {
        var half = T975(values.Length) * StandardError.OfMean(values);
        var mean = values.Average();
        return new(mean - half, mean + half);
    }

    private static double T975(int values) => StudentT.InvCDF(0, 1, values - 1, 0.975);

    /// <summary>
    /// Hall's monotone cubic: <c>g(t) = t + γt²/(3√n) + γ²t³/(27n) + γ/(6√n)</c> has no skewness to the first order; its inverse is applied
    /// to ±t.
    /// </summary>
    private static Interval WithoutSkewness(double[] values)
    {
        var (mean, error, root) = (values.Average(), StandardError.OfMean(values), Math.Sqrt(values.Length));
        var moment2 = values.Average(value => Math.Pow(value - mean, 2));
        var skewness = moment2 == 0 ? 0 : values.Average(value => Math.Pow(value - mean, 3)) / Math.Pow(moment2, 1.5);
        double Inverse(double t) =>
            Math.Abs(skewness) < 1e-9 ? t : 3 * root / skewness * (Math.Cbrt(1 + (skewness / root * (t - (skewness / (6 * root))))) - 1);
        var far = T975(values.Length);
        return new(mean - (Inverse(far) * error), mean - (Inverse(-far) * error));
    }
}
