namespace WebTrainer.Pipeline.Cleaning.Duplicates;

/// <summary>How a signature is cut into bands: two texts are compared when one band of theirs is equal.</summary>
/// <param name="Count">Bands.</param>
/// <param name="Rows">Places of the signature in each.</param>
internal sealed record LshBands(int Count, int Rows)
{
    /// <summary>Steps of the numerical integral, as fine as two digits more than the thresholds people choose.</summary>
    private const int Steps = 200;

    /// <summary>
    /// The bands with the least sum of false positives below the threshold and false negatives above it, each weighed by a half
    /// (datasketch, <c>lsh.py</c>): the chance that two texts of similarity s meet is 1 − (1 − s^rows)^count.
    /// </summary>
    public static LshBands For(double threshold, int permutations)
    {
        if (!(threshold > 0 && threshold < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(threshold));
        }

        var best = new LshBands(1, 1);
        var least = double.MaxValue;
        for (var count = 1; count <= permutations; count++)
        {
            for (var rows = 1; rows <= permutations / count; rows++)
            {
                var bands = new LshBands(count, rows);
                var error = (0.5 * Integral(bands.Meet, 0, threshold)) + (0.5 * Integral(s => 1 - bands.Meet(s), threshold, 1));
                if (error < least)
                {
                    (least, best) = (error, bands);
                }
            }
        }

        return best;
    }

    private double Meet(double similarity) => 1 - Math.Pow(1 - Math.Pow(similarity, Rows), Count);

    private static double Integral(Func<double, double> f, double from, double to)
    {
        var width = (to - from) / Steps;
        double sum = 0;
        for (var i = 0; i < Steps; i++)
        {
            sum += f(from + ((i + 0.5) * width));
        }

        return sum * width;
    }
}
