using MathNet.Numerics;

namespace WebTrainer.Search.Gaussian;

/// <summary>
/// How much lower than the best a normally distributed value is to be expected: <c>σ·(z·Φ(z) + φ(z))</c>, <c>z = (best − mean) / σ</c>.
/// </summary>
public static class ExpectedImprovement
{
    private const double FarBelow = -25;

    /// <summary>0 or more, in the values' unit; lower is better. Where nothing is uncertain it is the plain difference, or 0.</summary>
    /// <param name="mean">Mean of what is predicted.</param>
    /// <param name="deviation">Its standard deviation; 0 or less where it is certain.</param>
    /// <param name="best">Lowest value so far.</param>
    public static double Of(double mean, double deviation, double best)
    {
        if (deviation <= 0)
        {
            return Math.Max(0, best - mean);
        }

        var z = (best - mean) / deviation;
        return deviation * (z * Below(z) + Density(z));
    }

    /// <summary>Its logarithm, which still tells points apart where the value itself is 0 (Ament et al., NeurIPS 2023).</summary>
    public static double LogOf(double mean, double deviation, double best)
    {
        if (deviation <= 0)
        {
            return best > mean ? Math.Log(best - mean) : double.NegativeInfinity;
        }

        var z = (best - mean) / deviation;
        // Far below 0: h(z) → φ(z) / z².
        return z < FarBelow
            ? Math.Log(deviation) - 0.5 * z * z - 0.5 * Math.Log(2 * Math.PI) - 2 * Math.Log(-z)
            : Math.Log(deviation) + Math.Log(Math.Max(double.Epsilon, z * Below(z) + Density(z)));
    }

    private static double Below(double z) => 0.5 * SpecialFunctions.Erfc(-z / Math.Sqrt(2));

    private static double Density(double z) => Math.Exp(-0.5 * z * z) / Math.Sqrt(2 * Math.PI);
}
