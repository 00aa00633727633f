using System.Globalization;

namespace WebTrainer.Privacy.Accounting;

/// <summary>
/// Steps of DP-SGD: each takes every row with the same chance (Poisson sampling), clips its gradient to length 1 and adds Gaussian noise.
/// Neighbours are data sets of which one has a row more (add or remove).
/// </summary>
/// <param name="SampleRate">Chance of a row to be in a step, above 0 and at most 1.</param>
/// <param name="NoiseMultiplier">Standard deviation of the noise over the length that gradients are clipped to, above 0.</param>
/// <param name="Steps">How many, 1 or more.</param>
public sealed record GaussianStep(double SampleRate, double NoiseMultiplier, int Steps)
{
    /// <exception cref="PrivacyProblemException">A value is out of its range.</exception>
    public GaussianStep Checked() =>
        SampleRate is > 0 and <= 1 && NoiseMultiplier is > 0 and < double.PositiveInfinity && Steps >= 1
            ? this
            : throw new PrivacyProblemException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The sample rate is {SampleRate}, the noise multiplier {NoiseMultiplier}, and there are {Steps} steps; the rate must lie above 0 and be at most 1, the noise lie above 0, and there be at least one step."
                )
            );

    internal static void CheckDelta(double delta)
    {
        if (delta is not (> 0 and < 1))
        {
            throw new PrivacyProblemException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Delta is {delta}; it must lie above 0 and below 1, best far below 1 over the number of rows."
                )
            );
        }
    }
}
