using MathNet.Numerics;

namespace WebTrainer.Drift;

/// <summary>
/// The distribution of Kolmogorov's statistic of one sample, two-sided. Which formula is right where is the finding of Simard and
/// L'Ecuyer, Journal of Statistical Software 39(11), 2011.
/// </summary>
internal static class KolmogorovDistribution
{
    private const int MostExact = 140;
    private const double MillerOfFew = 4;
    private const double MillerOfMany = 2.2;
    private const double Nothing = 370;
    private const int MostForMatrix = 100_000;
    private const double MatrixUpTo = 1.4;

    /// <param name="count">Values of the sample, at least 1.</param>
    /// <param name="distance">Largest distance, 0 to 1.</param>
    /// <returns>P[D ≥ distance]; right to about six digits.</returns>
    public static double Above(int count, double distance)
    {
        var scaled = count * distance;
        if (scaled <= 0.5)
        {
            return 1;
        }

        if (distance >= 1)
        {
            return 0;
        }

        var square = scaled * distance;
        if (square >= Nothing)
        {
            return 0;
        }

        if (distance >= 0.5 || square > (count <= MostExact ? MillerOfFew : MillerOfMany))
        {
            return Math.Min(1, 2 * OneSided(count, distance));
        }

        var isMatrix = count <= MostExact || (count <= MostForMatrix && count * Math.Pow(distance, 1.5) <= MatrixUpTo);
        return Math.Clamp(1 - (isMatrix ? BelowByMatrix(count, distance) : BelowBySeries(count, distance)), 0, 1);
    }

    /// <summary>
    /// P[D⁺ ≥ d] = d Σⱼ C(n, j) (d + j/n)ʲ⁻¹ (1 − d − j/n)ⁿ⁻ʲ (Birnbaum and Tingey, Annals of Mathematical Statistics 22, 1951); twice it
    /// is P[D ≥ d] where that is small (Miller 1956), and just it from d = 1/2.
    /// </summary>
    private static double OneSided(int count, double distance)
    {
        var (sum, logOfAll) = (0.0, SpecialFunctions.GammaLn(count + 1.0));
        for (var j = 0; j <= (int)Math.Floor(count * (1 - distance)); j++)
        {
            var (up, left) = (distance + ((double)j / count), 1 - distance - ((double)j / count));
            if (left <= 0)
            {
                break;
            }

            var choose = logOfAll - SpecialFunctions.GammaLn(j + 1.0) - SpecialFunctions.GammaLn(count - j + 1.0);
            sum += Math.Exp(choose + ((j - 1) * Math.Log(up)) + ((count - j) * Math.Log(left)));
        }

        return distance * sum;
    }

    /// <summary>Durbin's matrix, as Marsaglia, Tsang and Wang raise it to a power (Journal of Statistical Software 8(18), 2003).</summary>
    private static double BelowByMatrix(int count, double distance)
    {
        var half = (int)Math.Floor(count * distance) + 1;
        var size = (2 * half) - 1;
        var (power, exponent) = Power(DurbinMatrix(size, half - (count * distance)), count);
        var log = Math.Log(power[half - 1, half - 1]) + (exponent * Math.Log(10));
        return Math.Exp(log + SpecialFunctions.GammaLn(count + 1.0) - (count * Math.Log(count)));
    }

    private static double[,] DurbinMatrix(int size, double h)
    {
        var matrix = new double[size, size];
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                matrix[i, j] = i - j + 1 < 0 ? 0 : 1;
            }
        }

        for (var i = 0; i < size; i++)
        {
            matrix[i, 0] -= Math.Pow(h, i + 1);
            matrix[size - 1, i] -= Math.Pow(h, size - i);
        }

        matrix[size - 1, 0] += 2 * h - 1 > 0 ? Math.Pow((2 * h) - 1, size) : 0;
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= Math.Min(i, size - 1); j++)
            {
                matrix[i, j] /= SpecialFunctions.Factorial(i - j + 1);
            }
        }

        return matrix;
    }

    private static (double[,] Matrix, int Exponent) Power(double[,] matrix, int power)
    {
        if (power == 1)
        {
            return (matrix, 0);
        }

        var (half, exponent) = Power(matrix, power / 2);
        var whole = Multiply(half, half);
        exponent *= 2;
        whole = power % 2 == 0 ? whole : Multiply(matrix, whole);
        var middle = matrix.GetLength(0) / 2;
        if (whole[middle, middle] > 1e140)
        {
            Scale(whole, 1e-140);
            exponent += 140;
        }

        return (whole, exponent);
    }

    private static double[,] Multiply(double[,] a, double[,] b)
    {
        var size = a.GetLength(0);
        var product = new double[size, size];
        for (var i = 0; i < size; i++)
        {
            for (var k = 0; k < size; k++)
            {
                for (var j = 0; j < size; j++)
                {
                    product[i, j] += a[i, k] * b[k, j];
                }
            }
        }

        return product;
    }

    private static void Scale(double[,] matrix, double factor)
    {
        for (var i = 0; i < matrix.GetLength(0); i++)
        {
            for (var j = 0; j < matrix.GetLength(1); j++)
            {
                matrix[i, j] *= factor;
            }
        }
    }

    /// <summary>Kolmogorov's limit with three terms in 1/√n beyond it (Pelz and Good, Journal of the Royal Statistical Society B 38,
    /// 1976).</summary>
    private static double BelowBySeries(int count, double distance)
    {
        var (z, root) = (distance * Math.Sqrt(count), Math.Sqrt(count));
        var (z2, z4, z6) = (z * z, Math.Pow(z, 4), Math.Pow(z, 6));
        const double P2 = Math.PI * Math.PI;
        var (k0, k1, k2, k3) = (0.0, 0.0, 0.0, 0.0);
        for (var k = 0; k <= Terms(z); k++)
        {
            var odd = (k + 0.5) * (k + 0.5) * P2;
            // Both signs of k + 1/2 give the same.
            var weight = 2 * Math.Exp(-odd / (2 * z2));
            k0 += weight / 2;
            k1 += weight * (odd - z2);
            k2 += weight * ((6 * z6) + (2 * z4) + (odd * ((2 * z4) - (5 * z2))) + (odd * odd * (1 - (2 * z2))));
            k3 +=
                weight
                * (
                    (odd * odd * odd * (5 - (30 * z2)))
                    + (odd * odd * ((-60 * z2) + (212 * z4)))
                    + (odd * ((135 * z4) - (96 * z6)))
                    - (30 * z6)
                    - (90 * z4 * z4)
                );
        }

        var (even2, even3) = (0.0, 0.0);
        for (var k = 1; k <= Terms(z); k++)
        {
            var whole = k * k * P2;
            var weight = 2 * Math.Exp(-whole / (2 * z2));
            even2 += weight * whole;
            even3 += weight * ((-whole * whole) + (3 * whole * z2));
        }

        var norm = Math.Sqrt(Math.PI / 2);
        return (Math.Sqrt(2 * Math.PI) / z * k0)
            + (norm * k1 / (6 * z4) / root)
            + (norm * ((k2 / (72 * z6 * z)) - (even2 / (36 * z2 * z))) / count)
            + (norm * ((k3 / (6480 * z6 * z4)) + (even3 / (216 * z6))) / (count * root));
    }

    /// <summary>Beyond them exp(−π²k²/2z²) is nothing beside 1.</summary>
    private static int Terms(double z) => (int)Math.Ceiling(16 * z / Math.PI);
}
