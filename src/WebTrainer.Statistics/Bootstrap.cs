namespace WebTrainer.Statistics;

/// <summary>
/// Percentile bootstrap (Efron 1979): rows are drawn anew with replacement, many times. Means of few rows have the intervals of
/// <see cref="FewRows"/>.
/// </summary>
public static class Bootstrap
{
    /// <summary>Draws where nobody says how many; 50 of them lie beyond each end of a 95 % interval.</summary>
    public const int DefaultDraws = 2000;

    /// <summary>95 % interval of the mean of <paramref name="values"/>; of a mean difference where they are paired differences.</summary>
    /// <param name="values">At least one.</param>
    /// <param name="seed">The same seed and values give the same interval.</param>
    /// <param name="draws">At least 100.</param>
    /// <param name="range">As in <see cref="FewRows.OfMean"/>; paired differences need one, for they may lie to both sides of 0 where none
    /// is seen on one of them.</param>
    /// <exception cref="ArgumentException">There are no values, or fewer than 100 draws are asked for.</exception>
    public static Interval MeanInterval(IReadOnlyList<double> values, int seed, int draws = DefaultDraws, Interval? range = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 100);
        if (values.Count == 0)
        {
            throw new ArgumentException("There is nothing to draw from.", nameof(values));
        }

        if (FewRows.Fits(values))
        {
            return FewRows.OfMean(values, range);
        }

        double[] rows = [.. values];
        return Interval(
            rows.Length,
            seed,
            draws,
            drawn =>
            {
                var sum = 0.0;
                foreach (var row in drawn)
                {
                    sum += rows[row];
                }

                return sum / drawn.Length;
            }
        );
    }

    /// <summary>
    /// 95 % interval of <c>Σ numerators / Σ denominators</c>, rows drawn with both; of few rows that of the mean deviation <c>(numerator -
    /// ratio · denominator) / mean denominator</c> around the ratio (linearisation, Cochran 1977, section 6).
    /// </summary>
    /// <exception cref="ArgumentException">The two are not equally many.</exception>
    public static Interval RatioInterval(
        IReadOnlyList<double> numerators,
        IReadOnlyList<double> denominators,
        int seed,
        int draws = DefaultDraws
    )
    {
        if (numerators.Count != denominators.Count)
        {
            throw new ArgumentException("Numerators and denominators are not equally many.", nameof(denominators));
        }

        if (numerators.Count is > 0 and < FewRows.Enough)
        {
            return AroundRatio(numerators, denominators);
        }

        return OfRows(
            numerators.Count,
            seed,
            drawn =>
            {
                var (above, below) = (0.0, 0.0);
                foreach (var row in drawn)
                {
                    (above, below) = (above + numerators[row], below + denominators[row]);
                }

                return above / below;
            },
            draws
        );
    }

    /// <summary>95 % interval of any smooth figure that is made of rows.</summary>
    /// <param name="count">Number of rows.</param>
    /// <param name="seed">The same seed and rows give the same interval.</param>
    /// <param name="figure">Gets the numbers of the drawn rows; called from several threads.</param>
    /// <param name="draws">At least 100.</param>
    /// <exception cref="ArgumentException">There are no rows, or fewer than 100 draws are asked for.</exception>
    public static Interval OfRows(int count, int seed, Func<int[], double> figure, int draws = DefaultDraws)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 100);
        if (count == 0)
        {
            throw new ArgumentException("There is nothing to draw from.", nameof(count));
        }

        return count < FewRows.Enough ? FewRows.OfRows(count, figure) : Interval(count, seed, draws, figure);
    }

    private static Interval AroundRatio(IReadOnlyList<double> numerators, IReadOnlyList<double> denominators)
    {
        if (numerators.Count < 2)
        {
            return new(double.NaN, double.NaN);
        }

        var (ratio, mean) = (numerators.Sum() / denominators.Sum(), denominators.Average());
        var deviation = FewRows.OfMean([.. numerators.Zip(denominators, (a, b) => (a - (ratio * b)) / mean)], FewRows.Anywhere);
        return new(ratio + deviation.Low, ratio + deviation.High);
    }

    /// <summary>The figure of each draw of rows, in no order that tells anything.</summary>
    /// <param name="count">Number of rows, of which each draw takes as many with replacement.</param>
    /// <param name="seed">The same seed gives the same draws.</param>
    /// <param name="figure">Gets the numbers of the drawn rows; called from several threads.</param>
    /// <param name="draws">How many figures are wanted.</param>
    public static double[] Draw(int count, int seed, Func<int[], double> figure, int draws = DefaultDraws)
    {
        var figures = new double[draws];
        Parallel.For(
            0,
            draws,
            () => new int[count],
            (draw, _, rows) =>
            {
                var random = new Random(HashCode(seed, draw));
                for (var i = 0; i < rows.Length; i++)
                {
                    rows[i] = random.Next(count);
                }

                figures[draw] = figure(rows);
                return rows;
            },
            _ => { }
        );
        return figures;
    }

    private static Interval Interval(int count, int seed, int draws, Func<int[], double> figure)
    {
        var figures = Draw(count, seed, figure, draws);
        Array.Sort(figures);
        return new(At(figures, 0.025), At(figures, 0.975));
    }

    /// <summary>Linear interpolation between order statistics, as numpy's percentile does by default.</summary>
    private static double At(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        return sorted[below] + (place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]);
    }

    private static int HashCode(int seed, int draw) => unchecked((seed * 397) ^ (draw * 486187739));
}
