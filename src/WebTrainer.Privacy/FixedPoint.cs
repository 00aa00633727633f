using System.Globalization;

namespace WebTrainer.Privacy;

/// <summary>
/// Real numbers as whole ones: round(value · 2^bits). A value is then off by at most 2^−(bits+1), a sum of k values by k times that.
/// </summary>
/// <param name="Largest">The largest magnitude of a value; a larger one is refused.</param>
/// <param name="FractionBits">Bits after the point, 0 to 52.</param>
public sealed record FixedPoint(double Largest, int FractionBits)
{
    private const int MostFractionBits = 52;
    private const double MostUnits = 1L << 53; // whole numbers up to there are exact as doubles

    /// <summary>How far a sum of so many values may be off.</summary>
    public double ErrorOf(int values) => values * Math.ScaleB(0.5, -FractionBits);

    /// <summary>The largest magnitude in units.</summary>
    public long LargestUnits => (long)Math.Ceiling(Checked().Largest * Math.ScaleB(1, FractionBits));

    /// <exception cref="PrivacyProblemException">Magnitude or bits are out of their range.</exception>
    public FixedPoint Checked() =>
        FractionBits is >= 0 and <= MostFractionBits && Largest > 0 && Largest * Math.ScaleB(1, FractionBits) <= MostUnits
            ? this
            : throw new PrivacyProblemException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Values up to {Largest} with {FractionBits} bits after the point don't fit: bits must be 0 to {MostFractionBits}, and both together at most 53."
                )
            );

    /// <param name="value">At most <see cref="Largest"/> in magnitude.</param>
    /// <param name="place">Which of the values it is, for the refusal.</param>
    /// <returns>In units of 2^−<see cref="FractionBits"/>.</returns>
    /// <exception cref="PrivacyProblemException">It is too large, or no number.</exception>
    public long ToUnits(double value, int place) =>
        Math.Abs(value) <= Largest
            ? (long)Math.Round(Math.ScaleB(value, FractionBits))
            : throw new PrivacyProblemException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Value {place} is {value}; its magnitude may be {Largest} at most. Clip values first."
                )
            );

    /// <summary>Back from units.</summary>
    public double ToReal(long units) => Math.ScaleB(units, -FractionBits);
}
