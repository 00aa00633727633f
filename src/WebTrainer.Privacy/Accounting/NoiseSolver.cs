using System.Globalization;

namespace WebTrainer.Privacy.Accounting;

/// <summary>How much noise keeps a training within a budget.</summary>
public static class NoiseSolver
{
    private const double Least = 0.05,
        Most = 1e4,
        Growth = 1.3,
        Precision = 1e-3; // of the noise itself

    /// <param name="epsilon">What may be spent, above 0.</param>
    /// <param name="delta">At least <see cref="PldAccountant.LeastDelta"/>.</param>
    /// <param name="sampleRate">Chance of a row to be in a step.</param>
    /// <param name="steps">Of the whole training.</param>
    /// <param name="before">What was done to the same data already; null for nothing.</param>
    /// <param name="epsilonOf">The accountant, as large as that by Rényi divergence at most; null for <see cref="PldAccountant"/>.</param>
    /// <returns>
    /// The noise multiplier, at most a thousandth above the least that will do, and at least 0.05.
    /// </returns>
    /// <exception cref="PrivacyProblemException">A value is out of its range, or no noise is enough.</exception>
    public static double NoiseFor(
        double epsilon,
        double delta,
        double sampleRate,
        int steps,
        PrivacyLedger? before = null,
        Func<PrivacyLedger, double>? epsilonOf = null
    )
    {
        if (epsilon is not (> 0 and < double.PositiveInfinity))
        {
            throw new PrivacyProblemException(string.Create(CultureInfo.InvariantCulture, $"Epsilon is {epsilon}; it must lie above 0."));
        }

        var done = before ?? PrivacyLedger.Empty;
        epsilonOf ??= ledger => ledger.Epsilon(delta);
        PrivacyLedger With(double noise) => done.With(new(sampleRate, noise, steps));
        var high = Enough(noise => With(noise).RdpEpsilon(delta) <= epsilon);
        if (high > Most && epsilonOf(done) < epsilon)
        {
            high = Enough(noise => epsilonOf(With(noise)) <= epsilon);
        }

        if (high > Most)
        {
            throw new PrivacyProblemException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"No noise up to {Most} keeps {steps} steps within epsilon {epsilon} at delta {delta}. Take fewer steps, a smaller sample rate or a larger budget."
                )
            );
        }

        return Refine(noise => epsilonOf(With(noise)), epsilon, high);
    }

    /// <returns>
    /// Enough noise by Rényi divergence, which is quick to reckon and asks for somewhat too much; above the most where none is.
    /// </returns>
    private static double Enough(Func<double, bool> suffices)
    {
        var noise = Least;
        while (noise <= Most && !suffices(noise))
        {
            noise *= Growth;
        }

        return noise;
    }

    // Epsilon falls about as a power of the noise: on logarithms a straight line through both ends comes close at once, and a look to each
    // side of where it meets the budget encloses it.
    private static double Refine(Func<double, double> epsilonOf, double epsilon, double high)
    {
        double low,
            ofLow,
            ofHigh;
        for (ofHigh = epsilonOf(high); ofHigh > epsilon; ofHigh = epsilonOf(high))
        {
            high *= Growth;
        }

        low = high;
        do
        {
            low /= Growth;
            ofLow = low >= Least ? epsilonOf(low) : double.PositiveInfinity;
            (high, ofHigh) = ofLow <= epsilon ? (low, ofLow) : (high, ofHigh);
        } while (ofLow <= epsilon);

        low = Math.Max(low, Least);
        for (var isAbove = true; high - low > Precision * high; isAbove = !isAbove)
        {
            var share = Math.Log(ofLow / epsilon) / Math.Log(ofLow / ofHigh);
            var guess = double.IsFinite(share) ? low * Math.Pow(high / low, share) : (low + high) / 2;
            guess = Math.Clamp(guess * (1 + (isAbove ? Precision : -Precision) / 3), low + (high - low) / 50, high - (high - low) / 50);
            var found = epsilonOf(guess);
            (low, ofLow, high, ofHigh) = found <= epsilon ? (low, ofLow, guess, found) : (guess, found, high, ofHigh);
        }

        return high;
    }
}
