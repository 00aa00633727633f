namespace WebTrainer.Search.Gaussian;

/// <summary>
/// Kernel and noise of highest marginal likelihood times their priors, by Rprop on the logarithms (Riedmiller and Braun, 1993). The
/// lengths' prior grows with the number of axes (Hvarfner et al., ICML 2024), so that a function of many settings is not thought rougher
/// than it is.
/// </summary>
public static class GaussianFit
{
    private const int Rounds = 60;
    private const double FirstStep = 0.2,
        SmallestStep = 1e-3,
        LargestStep = 1;
    private const double Lowest = -14,
        Highest = 8;

    /// <param name="points">Each as long as the kernel has axes.</param>
    /// <param name="values">Of mean 0 and deviation 1.</param>
    /// <param name="lengthOf">For each axis, which length it has: the axes of one choice share theirs.</param>
    public static GaussianProcess Of(IReadOnlyList<double[]> points, IReadOnlyList<double> values, IReadOnlyList<int> lengthOf)
    {
        var lengths = lengthOf.Max() + 1;
        Prior[] priors =
        [
            .. Enumerable.Repeat(new Prior(Math.Sqrt(2) + Math.Log(lengths) / 2 - 1, Math.Sqrt(3) / 2), lengths),
            new Prior(0, 1),
            new Prior(-7, 2),
        ];
        var (at, steps, before) = (
            priors.Select(p => p.Mean).ToArray(),
            Enumerable.Repeat(FirstStep, priors.Length).ToArray(),
            new double[priors.Length]
        );
        GaussianProcess? best = null;
        var highest = double.NegativeInfinity;
        for (var round = 0; round < Rounds; round++)
        {
            var process = Process(points, values, lengthOf, at);
            var score = process.LogLikelihood - priors.Zip(at, (prior, value) => prior.Penalty(value)).Sum();
            if (score > highest)
            {
                (best, highest) = (process, score);
            }

            Climb(at, steps, before, Gradient(process, lengthOf, priors, at));
            if (steps.Max() <= SmallestStep)
            {
                break;
            }
        }

        return best ?? Process(points, values, lengthOf, [.. priors.Select(p => p.Mean)]);
    }

    private static GaussianProcess Process(
        IReadOnlyList<double[]> points,
        IReadOnlyList<double> values,
        IReadOnlyList<int> lengthOf,
        double[] at
    ) => new(new MaternKernel(Math.Exp(at[^2]), [.. lengthOf.Select(length => Math.Exp(at[length]))]), Math.Exp(at[^1]), points, values);

    private static double[] Gradient(GaussianProcess process, IReadOnlyList<int> lengthOf, Prior[] priors, double[] at)
    {
        var byAxis = process.LikelihoodGradient();
        var gradient = new double[at.Length];
        for (var axis = 0; axis < lengthOf.Count; axis++)
        {
            gradient[lengthOf[axis]] += byAxis[axis];
        }

        (gradient[^2], gradient[^1]) = (byAxis[^2], byAxis[^1]);
        for (var i = 0; i < at.Length; i++)
        {
            gradient[i] -= priors[i].Slope(at[i]);
        }

        return gradient;
    }

    private static void Climb(double[] at, double[] steps, double[] before, double[] gradient)
    {
        for (var i = 0; i < at.Length; i++)
        {
            var agreement = gradient[i] * before[i];
            steps[i] =
                agreement > 0 ? Math.Min(steps[i] * 1.2, LargestStep)
                : agreement < 0 ? Math.Max(steps[i] * 0.5, SmallestStep)
                : steps[i];
            at[i] = Math.Clamp(at[i] + Math.Sign(gradient[i]) * steps[i], Lowest, Highest);
            before[i] = gradient[i];
        }
    }

    /// <summary>Normal, of a logarithm.</summary>
    private sealed record Prior(double Mean, double Deviation)
    {
        public double Penalty(double value) => 0.5 * Math.Pow((value - Mean) / Deviation, 2);

        public double Slope(double value) => (value - Mean) / (Deviation * Deviation);
    }
}
