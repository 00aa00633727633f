namespace WebTrainer.Scoring.Statistics;

/// <summary>Percentile bootstrap of a mean (Efron 1979): rows are drawn anew with replacement, many times.</summary>
public static class Bootstrap
{
    public const int DefaultDraws = 2000;

    /// <summary>95 % interval of the mean of <paramref name="values"/>; of a mean difference where they are paired differences.</summary>
    /// <param name="seed">The same seed and values give the same interval.</param>
    public static Interval MeanInterval(IReadOnlyList<double> values, int seed, int draws = DefaultDraws)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 100);
        if (values.Count == 0)
            throw new ArgumentException("There is nothing to draw from.", nameof(values));
        double[] rows = [.. values];
        return Interval(rows.Length, seed, draws, drawn =>
        {
            var sum = 0.0;
            foreach (var row in drawn)
                sum += rows[row];
            return sum / drawn.Length;
        });
    }

    /// <summary>95 % interval of <c>Σ numerators / Σ denominators</c>, rows drawn with both.</summary>
    public static Interval RatioInterval(IReadOnlyList<double> numerators, IReadOnlyList<double> denominators, int seed, int draws = DefaultDraws)
    {
        if (numerators.Count != denominators.Count)
            throw new ArgumentException("Numerators and denominators are not equally many.", nameof(denominators));
        return OfRows(numerators.Count, seed, drawn =>
        {
            var (above, below) = (0.0, 0.0);
            foreach (var row in drawn)
                (above, below) = (above + numerators[row], below + denominators[row]);
            return above / below;
        }, draws);
    }

    /// <summary>95 % interval of any figure that is made of rows.</summary>
    /// <param name="count">Number of rows.</param>
    /// <param name="figure">Gets the numbers of the drawn rows; called from several threads.</param>
    public static Interval OfRows(int count, int seed, Func<int[], double> figure, int draws = DefaultDraws)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 100);
        if (count == 0)
            throw new ArgumentException("There is nothing to draw from.", nameof(count));
        return Interval(count, seed, draws, figure);
    }

    private static Interval Interval(int count, int seed, int draws, Func<int[], double> figure)
    {
        var figures = new double[draws];
        Parallel.For(0, draws, () => new int[count], (draw, _, rows) =>
        {
            var random = new Random(HashCode(seed, draw));
            for (var i = 0; i < rows.Length; i++)
                rows[i] = random.Next(count);
            figures[draw] = figure(rows);
            return rows;
        }, _ => { });
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
