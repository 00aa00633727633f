namespace WebTrainer.Statistics;

/// <summary>How two models differ on the same rows.</summary>
/// <param name="Rows">Rows that both have.</param>
/// <param name="Wins">Rows on which the second is better.</param>
/// <param name="Losses">Rows on which the first is better.</param>
/// <param name="Difference">Second less first in the measure's unit, above 0: the second is better.</param>
/// <param name="Low">Lower end of the difference's 95 % interval.</param>
/// <param name="High">Its upper end.</param>
/// <param name="PValue">Of no difference, two-sided.</param>
public sealed record PairedComparison(int Rows, int Wins, int Losses, double Difference, double Low, double High, double PValue)
{
    /// <summary>With more rows the mean's normal interval equals the bootstrap's to what is shown, and takes no time.</summary>
    private const int MostForBootstrap = 5000;
    private const double Z975 = 1.959963984540054;

    /// <summary>Of right and wrong answers: Newcombe's interval of the difference, McNemar's exact test.</summary>
    /// <param name="counts">Of at least one row.</param>
    public static PairedComparison OfRight(PairedCounts counts)
    {
        var interval = counts.DifferenceInterval();
        return new(
            (int)counts.Rows,
            (int)counts.OnlySecond,
            (int)counts.OnlyFirst,
            counts.Difference,
            interval.Low,
            interval.High,
            McNemar.PValue(counts)
        );
    }

    /// <summary>Of a measure's mean: paired bootstrap, the normal interval for very many rows, Wilcoxon's signed ranks.</summary>
    /// <param name="gains">Of each row, second less first; at least one.</param>
    /// <param name="range">What the gains can be, which matters where rows are few.</param>
    public static PairedComparison OfMean(double[] gains, Interval range)
    {
        var mean = gains.Average();
        var interval =
            gains.Length > MostForBootstrap && !FewRows.Fits(gains)
                ? Normal(gains, mean)
                : Bootstrap.MeanInterval(gains, seed: 0, range: range);
        return new(
            gains.Length,
            gains.Count(gain => gain > 0),
            gains.Count(gain => gain < 0),
            mean,
            interval.Low,
            interval.High,
            Wilcoxon.Test(gains).PValue
        );
    }

    private static Interval Normal(double[] gains, double mean)
    {
        var half = Z975 * Math.Sqrt(gains.Sum(gain => (gain - mean) * (gain - mean)) / (gains.Length - 1) / gains.Length);
        return new(mean - half, mean + half);
    }
}
