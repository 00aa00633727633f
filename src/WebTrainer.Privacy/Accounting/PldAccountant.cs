using System.Numerics;
using MathNet.Numerics.IntegralTransforms;

namespace WebTrainer.Privacy.Accounting;

/// <summary>
/// Accounts by the distribution of the privacy loss: Koskela, Jälkö and Honkela, "Computing tight differential privacy guarantees using
/// FFT", 2020, on the grid of <see cref="PrivacyLoss"/>. Steps are composed by the fast Fourier transform. What the grid and the transform
/// cut off counts as lost, so that ε is never too small but for rounding, some 10⁻¹⁰ of δ.
/// </summary>
public static class PldAccountant
{
    /// <summary>The smallest δ for which rounding in the transform doesn't count.</summary>
    public const double LeastDelta = 1e-9;

    private const double FinestInterval = 1e-4;
    private const int MostIntervalsOfAStep = 1 << 18,
        MostIntervals = 1 << 20;
    private const double Tail = 1e-12; // of a composition, on each side

    private static readonly double[] s_rates = [.. Enumerable.Range(-6, 21).Select(power => Math.ScaleB(1, power))];

    /// <param name="steps">All that was done, one after the other.</param>
    /// <param name="delta">At least <see cref="LeastDelta"/>, below 1.</param>
    /// <returns>ε of both adding and removing a row; infinite where more than δ is as good as seen.</returns>
    /// <exception cref="PrivacyProblemException">A value is out of its range.</exception>
    public static double Epsilon(IReadOnlyList<GaussianStep> steps, double delta)
    {
        GaussianStep.CheckDelta(delta);
        if (delta < LeastDelta)
        {
            throw new PrivacyProblemException(
                $"Delta is below {LeastDelta}, where this accountant's rounding begins to count. Take the one by Rényi divergence."
            );
        }

        foreach (var step in steps)
        {
            step.Checked();
        }

        return steps.Count == 0 ? 0 : Math.Max(Epsilon(steps, delta, Adjacency.Remove), Epsilon(steps, delta, Adjacency.Add));
    }

    private static double Epsilon(IReadOnlyList<GaussianStep> steps, double delta, Adjacency adjacency)
    {
        var interval = steps.Max(step => PrivacyLoss.Widest(step, FinestInterval, MostIntervalsOfAStep));
        while (true)
        {
            var losses = steps.Select(step => (Loss: PrivacyLoss.Of(step, adjacency, interval), step.Steps)).ToList();
            var (low, high) = Range(losses);
            if (high - low <= MostIntervals)
            {
                return Epsilon(Compose(losses, low, high, out var infinite), low, interval, infinite, delta);
            }

            interval *= 1.01 * (high - low) / MostIntervals;
        }
    }

    /// <summary>Where the sum of losses lies but for the tails, in intervals: Chernoff's bound.</summary>
    private static (long Low, long High) Range(List<(PrivacyLoss Loss, int Steps)> losses)
    {
        var (low, high) = (double.NegativeInfinity, double.PositiveInfinity);
        foreach (var rate in s_rates)
        {
            high = Math.Min(high, (losses.Sum(l => l.Steps * LogMoment(l.Loss, rate)) - Math.Log(Tail)) / rate);
            low = Math.Max(low, -(losses.Sum(l => l.Steps * LogMoment(l.Loss, -rate)) - Math.Log(Tail)) / rate);
        }

        var interval = losses[0].Loss.Interval;
        return ((long)Math.Floor(low / interval), (long)Math.Ceiling(high / interval));
    }

    // log E e^(rate · loss), of finite losses
    private static double LogMoment(PrivacyLoss loss, double rate)
    {
        var (first, step) = (loss.Lowest * loss.Interval, loss.Interval * rate);
        var largest = Math.Max(first * rate, (first + (loss.Masses.Length - 1) * loss.Interval) * rate);
        var sum = 0.0;
        for (var i = 0; i < loss.Masses.Length; i++)
        {
            sum += loss.Masses[i] * Math.Exp(first * rate + i * step - largest);
        }

        return sum > 0 ? largest + Math.Log(sum) : double.PositiveInfinity;
    }

    /// <returns>Masses of the sums from low on; what lies outside is wrapped into them and counted as infinite besides.</returns>
    private static double[] Compose(List<(PrivacyLoss Loss, int Steps)> losses, long low, long high, out double infinite)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)(high - low + 1));
        var product = new Complex[size];
        Array.Fill(product, Complex.One);
        var (shift, finite) = (0L, 1.0);
        foreach (var (loss, steps) in losses)
        {
            var transform = new Complex[size];
            for (var i = 0; i < loss.Masses.Length; i++)
            {
                transform[i % size] += loss.Masses[i];
            }

            Fourier.Forward(transform, FourierOptions.Matlab);
            for (var i = 0; i < size; i++)
            {
                product[i] *= Power(transform[i], steps);
            }

            shift += (long)loss.Lowest * steps;
            finite *= Math.Pow(1 - loss.Infinite, steps);
        }

        Fourier.Inverse(product, FourierOptions.Matlab);
        infinite = 1 - finite + 2 * Tail;
        var masses = new double[size];
        for (var i = 0; i < size; i++)
        {
            // The i-th value stands for loss shift + i, up to whole turns.
            var place = (int)(((shift + i - low) % size + size) % size);
            masses[place] = Math.Max(0, product[i].Real);
        }

        return masses;
    }

    // By squaring: through the logarithm it would lose digits where the transform is near 0.
    private static Complex Power(Complex value, int exponent)
    {
        var result = Complex.One;
        for (; exponent > 0; exponent >>= 1, value *= value)
        {
            if ((exponent & 1) == 1)
            {
                result *= value;
            }
        }

        return result;
    }

    // δ(ε) = δ∞ + Σ p (1 − e^(ε − loss)) over losses above ε: on each interval of the grid solved for ε, from above.
    private static double Epsilon(double[] masses, long low, double interval, double infinite, double delta)
    {
        if (infinite > delta)
        {
            return double.PositiveInfinity;
        }

        var (seen, other) = (0.0, 0.0);
        for (var i = masses.Length - 1; i >= 0 && low + i > 0; i--)
        {
            var loss = (low + i) * interval;
            seen += masses[i];
            other += masses[i] * Math.Exp(-loss);
            var below = loss - interval;
            if (infinite + seen - Math.Exp(below) * other > delta)
            {
                return Math.Max(0, Math.Log((infinite + seen - delta) / other));
            }
        }

        return 0;
    }
}
