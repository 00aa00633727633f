using WebTrainer.Protocol;
using WebTrainer.Statistics;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>Makes figures with their 95 % intervals.</summary>
public static class Figure
{
    private const int BootstrapSeed = 3;

    /// <summary>Of more rows the interval is narrow, and its ends need not be known to the last digit.</summary>
    private const int ManyRows = 2000,
        FewDraws = 400;

    /// <summary>Mean of values: with Wilson's interval where each is right or wrong, else by bootstrap.</summary>
    public static MetricFigure Mean(string name, IReadOnlyList<double> values)
    {
        if (values.Count == 0)
        {
            return new(name, double.NaN, double.NaN, double.NaN, 0);
        }

        var interval = values.All(value => value is 0 or 1)
            ? Wilson.Of((long)values.Sum(), values.Count)
            : Bootstrap.MeanInterval(values, BootstrapSeed);
        return new(name, values.Average(), interval.Low, interval.High, values.Count)
        {
            StandardError = values.Count > 1 ? StandardError.OfMean(values) : null,
        };
    }

    /// <summary>Any figure that is made of rows, by bootstrap.</summary>
    /// <param name="name">Of the metric.</param>
    /// <param name="rows">How many there are.</param>
    /// <param name="figure">Gets the numbers of rows; called from several threads.</param>
    public static MetricFigure OfRows(string name, int rows, Func<int[], double> figure)
    {
        var interval = Bootstrap.OfRows(rows, BootstrapSeed, figure, rows > ManyRows ? FewDraws : Bootstrap.DefaultDraws);
        return new(name, figure([.. Enumerable.Range(0, rows)]), interval.Low, interval.High, rows);
    }

    /// <summary>exp of the mean loss per unit: <c>exp(-Σ log p / Σ units)</c>, resampled by text.</summary>
    /// <param name="name">Of the metric.</param>
    /// <param name="logProbabilities">Of each text.</param>
    /// <param name="units">Words, bytes or tokens of each text.</param>
    public static MetricFigure Perplexity(string name, IReadOnlyList<double> logProbabilities, IReadOnlyList<double> units)
    {
        var interval = Bootstrap.RatioInterval(logProbabilities, units, BootstrapSeed);
        return new(
            name,
            Math.Exp(-logProbabilities.Sum() / units.Sum()),
            Math.Exp(-interval.High),
            Math.Exp(-interval.Low),
            logProbabilities.Count
        );
    }
}
