using MathNet.Numerics;

namespace WebTrainer.Privacy.Accounting;

/// <summary>
/// Accounts by Rényi differential privacy: Mironov, Talwar and Zhang, "Rényi differential privacy of the sampled Gaussian mechanism", 2019;
/// from there to (ε, δ) by Balle et al., "Hypothesis testing interpretations and Rényi differential privacy", 2020, theorem 21. Orders and
/// formulas are those that Opacus takes. An upper bound, somewhat above what <see cref="PldAccountant"/> finds.
/// </summary>
public static class RdpAccountant
{
    private const double SeriesEnd = -30; // of logarithms of the series' terms
    private const int FirstWhole = 12,
        LastWhole = 63;

    /// <summary>Orders that are tried: 1.1, 1.2 … 10.9, 12, 13 … 63.</summary>
    public static IReadOnlyList<double> Orders { get; } =
    [
        .. Enumerable.Range(1, 99).Select(tenths => 1 + tenths / 10.0),
        .. Enumerable.Range(FirstWhole, LastWhole - FirstWhole + 1).Select(order => (double)order),
    ];

    /// <param name="steps">All that was done, one after the other.</param>
    /// <param name="delta">Above 0, below 1.</param>
    /// <returns>The least ε that an order gives, 0 at least, and that order.</returns>
    /// <exception cref="PrivacyProblemException">A value is out of its range.</exception>
    public static (double Epsilon, double Order) Epsilon(IReadOnlyList<GaussianStep> steps, double delta)
    {
        GaussianStep.CheckDelta(delta);
        if (steps.Count == 0)
        {
            return (0, Orders[0]);
        }

        var best = Orders
            .Select(order => (Epsilon: Convert(steps.Sum(step => Rdp(step, order)), order, delta), Order: order))
            .Where(found => !double.IsNaN(found.Epsilon))
            .MinBy(found => found.Epsilon);
        return (Math.Max(0, best.Epsilon), best.Order);
    }

    /// <param name="step">What was done.</param>
    /// <param name="order">Above 1.</param>
    /// <returns>Rényi divergence of this order over all of its steps; infinite where it leaves the range of doubles.</returns>
    /// <exception cref="PrivacyProblemException">A value is out of its range.</exception>
    public static double Rdp(GaussianStep step, double order)
    {
        var (q, sigma, count) = step.Checked();
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(order, 1);
        if (q == 1)
        {
            return count * order / (2 * sigma * sigma);
        }

        return count * (order == Math.Floor(order) ? LogMomentWhole(q, sigma, (int)order) : LogMomentBroken(q, sigma, order)) / (order - 1);
    }

    private static double Convert(double rdp, double order, double delta) =>
        rdp - (Math.Log(delta) + Math.Log(order)) / (order - 1) + Math.Log((order - 1) / order);

    // log A = log Σ C(α, i) qⁱ (1 − q)^(α−i) e^((i² − i)/2σ²), equation 6
    private static double LogMomentWhole(double q, double sigma, int order)
    {
        var sum = double.NegativeInfinity;
        for (var i = 0; i <= order; i++)
        {
            var term =
                SpecialFunctions.BinomialLn(order, i)
                + i * Math.Log(q)
                + (order - i) * Math.Log(1 - q)
                + (i * (double)i - i) / (2 * sigma * sigma);
            sum = LogMath.Add(sum, term);
        }

        return sum;
    }

    // The same for orders that are no whole numbers, by two series that meet at z: section 3.3
    private static double LogMomentBroken(double q, double sigma, double order)
    {
        var (left, right) = (double.NegativeInfinity, double.NegativeInfinity);
        var z = sigma * sigma * Math.Log(1 / q - 1) + 0.5;
        var (logCoefficient, isPositive) = (0.0, true); // C(α, i), step by step
        for (var i = 0; ; i++)
        {
            var j = order - i;
            var leftTerm = Term(i, j, (i - z) / (Constants.Sqrt2 * sigma), i);
            var rightTerm = Term(j, i, (z - j) / (Constants.Sqrt2 * sigma), j);
            left = isPositive ? LogMath.Add(left, leftTerm) : LogMath.Subtract(left, leftTerm);
            right = isPositive ? LogMath.Add(right, rightTerm) : LogMath.Subtract(right, rightTerm);
            if (Math.Max(leftTerm, rightTerm) < SeriesEnd)
            {
                return LogMath.Add(left, right);
            }

            var factor = (order - i) / (i + 1);
            logCoefficient += Math.Log(Math.Abs(factor));
            isPositive ^= factor < 0;
        }

        double Term(double powerOfQ, double powerOfRest, double tail, double k) =>
            logCoefficient
            + powerOfQ * Math.Log(q)
            + powerOfRest * Math.Log(1 - q)
            + (k * k - k) / (2 * sigma * sigma)
            + Math.Log(0.5)
            + LogMath.Erfc(tail);
    }
}
