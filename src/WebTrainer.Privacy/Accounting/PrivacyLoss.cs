namespace WebTrainer.Privacy.Accounting;

/// <summary>Which of two neighbouring data sets gave the output.</summary>
internal enum Adjacency
{
    /// <summary>The one with the row.</summary>
    Remove,

    /// <summary>The one without it.</summary>
    Add,
}

/// <summary>
/// Distribution of the privacy loss of one step on a grid of losses. Each interval's mass is put on its ends so that neither of the two
/// probabilities changes, which never makes the loss seem smaller and is the best that a grid allows: Doroshenko et al., "Connect the
/// dots", 2022.
/// </summary>
internal sealed class PrivacyLoss
{
    /// <summary>Standard deviations of the noise beyond which its mass (1e-18) counts as lost altogether.</summary>
    private const double Deviations = 8.8;

    private PrivacyLoss(double interval, int lowest, double[] masses, double infinite) =>
        (Interval, Lowest, Masses, Infinite) = (interval, lowest, masses, infinite);

    /// <summary>Width of the grid.</summary>
    public double Interval { get; }

    /// <summary>Loss of the first mass, in intervals.</summary>
    public int Lowest { get; }

    public double[] Masses { get; }

    /// <summary>Mass of what is as good as seen.</summary>
    public double Infinite { get; }

    /// <param name="intervals">How many a step's losses span at most; the grid gets wider where there would be more.</param>
    public static double Widest(GaussianStep step, double interval, int intervals)
    {
        var (low, high) = Span(step, Adjacency.Remove);
        return Math.Max(interval, (high - low) / intervals);
    }

    public static PrivacyLoss Of(GaussianStep step, Adjacency adjacency, double interval)
    {
        var (low, high) = Span(step, adjacency);
        var (first, last) = ((int)Math.Floor(low / interval), (int)Math.Ceiling(high / interval));
        var masses = new double[last - first + 1];
        // Below the first loss: rounded up to it.
        var (seen, other) = Above(step, adjacency, first * interval);
        masses[0] = Math.Max(0, 1 - seen);
        for (var i = first; i < last; i++)
        {
            var (nextSeen, nextOther) = Above(step, adjacency, (i + 1) * interval);
            var (mass, otherMass) = (seen - nextSeen, other - nextOther);
            if (mass > 0)
            {
                // a + b = mass, a e^−εᵢ + b e^−εᵢ₊₁ = mass under the other
                var upper = (mass - otherMass * Math.Exp(i * interval)) / (1 - Math.Exp(-interval));
                upper = Math.Clamp(upper, 0, mass);
                masses[i - first] += mass - upper;
                masses[i - first + 1] += upper;
            }

            (seen, other) = (nextSeen, nextOther);
        }

        return new(interval, first, masses, seen);
    }

    // The losses that output within so many deviations has. L(x) = log(1 − q + q e^((2x − 1)/2σ²)), and −L(x) where a row is added.
    private static (double Low, double High) Span(GaussianStep step, Adjacency adjacency)
    {
        var (q, sigma, _) = step;
        var (low, high) = (Loss(-Deviations * sigma), Loss(1 + Deviations * sigma));
        return adjacency == Adjacency.Remove ? (low, high) : (-high, -low);

        double Loss(double x)
        {
            var exponent = (2 * x - 1) / (2 * sigma * sigma);
            return q == 1 ? exponent : LogMath.Add(Math.Log(1 - q), Math.Log(q) + exponent);
        }
    }

    /// <returns>Chance of a loss above this one, by the distribution that gave the output and by the other one.</returns>
    private static (double Seen, double Other) Above(GaussianStep step, Adjacency adjacency, double loss)
    {
        var (q, sigma, _) = step;
        var signed = adjacency == Adjacency.Remove ? loss : -loss;
        // Where L(x) is the loss: L rises with x from log(1 − q) on.
        var rest = q == 1 ? double.NegativeInfinity : Math.Log(1 - q);
        var x = signed <= rest ? double.NegativeInfinity : sigma * sigma * (LogMath.Subtract(signed, rest) - Math.Log(q)) + 0.5;
        return adjacency == Adjacency.Remove
            ? (Mixture(x / sigma, (x - 1) / sigma), LogMath.UpperTail(x / sigma))
            : (LogMath.UpperTail(-x / sigma), Mixture(-x / sigma, (1 - x) / sigma));

        double Mixture(double without, double with) => (1 - q) * LogMath.UpperTail(without) + q * LogMath.UpperTail(with);
    }
}
