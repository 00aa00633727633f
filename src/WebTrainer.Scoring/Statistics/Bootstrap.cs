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
        var means = new double[draws];
        Parallel.For(0, draws, draw =>
        {
            var random = new Random(HashCode(seed, draw));
            var sum = 0.0;
            for (var i = 0; i < rows.Length; i++)
                sum += rows[random.Next(rows.Length)];
            means[draw] = sum / rows.Length;
        });
        Array.Sort(means);
        return new(At(means, 0.025), At(means, 0.975));
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
