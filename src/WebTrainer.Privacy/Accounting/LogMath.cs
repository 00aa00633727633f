using MathNet.Numerics;

namespace WebTrainer.Privacy.Accounting;

/// <summary>Sums and tails by their logarithms, where the values themselves leave the range of a double.</summary>
internal static class LogMath
{
    // Beyond this erfc loses its last digits on the way to 0.
    private const double AsymptoticFrom = 20;

    /// <summary>log(eᵃ + eᵇ).</summary>
    public static double Add(double a, double b)
    {
        var (less, more) = a < b ? (a, b) : (b, a);
        return double.IsNegativeInfinity(less) ? more : more + SpecialFunctions.Log1p(Math.Exp(less - more));
    }

    /// <summary>log(eᵃ − eᵇ); minus infinity where a is not above b.</summary>
    public static double Subtract(double a, double b) =>
        double.IsNegativeInfinity(b) ? a
        : a <= b ? double.NegativeInfinity
        : a - b < 1 ? b + Math.Log(SpecialFunctions.Expm1(a - b))
        : a + Math.Log(1 - Math.Exp(b - a));

    /// <summary>log erfc(x).</summary>
    public static double Erfc(double x)
    {
        if (x < AsymptoticFrom)
        {
            return Math.Log(SpecialFunctions.Erfc(x));
        }

        // Abramowitz and Stegun 7.1.23
        var r = 1 / (x * x);
        return -x * x - Math.Log(x * Math.Sqrt(Math.PI)) + Math.Log(1 - r / 2 * (1 - 3 * r / 2 * (1 - 5 * r / 2 * (1 - 7 * r / 2))));
    }

    /// <summary>P(X &gt; x) of a standard normal X.</summary>
    public static double UpperTail(double x) => SpecialFunctions.Erfc(x / Constants.Sqrt2) / 2;
}
