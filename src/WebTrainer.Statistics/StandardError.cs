namespace WebTrainer.Statistics;

/// <summary>Standard errors with the conventions of lm-evaluation-harness.</summary>
public static class StandardError
{
    /// <summary>Of a mean: <c>s / √n</c> with the sample's deviation (n - 1).</summary>
    public static double OfMean(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1) / values.Count);
    }

    /// <summary>Of several groups' pooled mean: the groups' variances <c>se²·n</c> weighed by their degrees of freedom.</summary>
    public static double Pooled(IReadOnlyList<double> errors, IReadOnlyList<long> sizes)
    {
        var total = sizes.Sum();
        var variance = errors.Zip(sizes, (error, size) => (size - 1) * error * error * size).Sum() / (total - sizes.Count);
        return Math.Sqrt(variance / total);
    }
}
