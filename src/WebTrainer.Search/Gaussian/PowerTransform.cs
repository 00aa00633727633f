namespace WebTrainer.Search.Gaussian;

/// <summary>
/// Brings values to mean 0 and deviation 1 and as near to a normal distribution as a power can (Yeo and Johnson, Biometrika 87(4), 2000),
/// so that a few very bad trials do not hide the differences among the good ones. It keeps their order.
/// </summary>
internal static class PowerTransform
{
    private const double Lowest = -3,
        Highest = 3;
    private const int Rounds = 40;

    public static double[] Of(IReadOnlyList<double> values)
    {
        var standard = Standardise(values);
        var power = MostLikely(standard);
        return Standardise([.. standard.Select(value => Raise(value, power))]);
    }

    // By golden section: the likelihood has one summit.
    private static double MostLikely(double[] values)
    {
        var ratio = (Math.Sqrt(5) - 1) / 2;
        var (low, high) = (Lowest, Highest);
        for (var round = 0; round < Rounds; round++)
        {
            var (left, right) = (high - ratio * (high - low), low + ratio * (high - low));
            (low, high) = LogLikelihood(values, left) > LogLikelihood(values, right) ? (low, right) : (left, high);
        }

        return (low + high) / 2;
    }

    private static double LogLikelihood(double[] values, double power)
    {
        var raised = values.Select(value => Raise(value, power)).ToArray();
        var mean = raised.Average();
        var variance = raised.Sum(value => (value - mean) * (value - mean)) / raised.Length;
        return -0.5 * values.Length * Math.Log(Math.Max(variance, double.Epsilon))
            + (power - 1) * values.Sum(value => Math.Sign(value) * Math.Log(1 + Math.Abs(value)));
    }

    private static double Raise(double value, double power)
    {
        const double Near = 1e-9;
        return value >= 0
            ? Math.Abs(power) < Near
                ? Math.Log(1 + value)
                : (Math.Pow(1 + value, power) - 1) / power
            : Math.Abs(2 - power) < Near
                ? -Math.Log(1 - value)
                : -(Math.Pow(1 - value, 2 - power) - 1) / (2 - power);
    }

    private static double[] Standardise(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        return [.. values.Select(value => deviation > 0 ? (value - mean) / deviation : 0)];
    }
}
