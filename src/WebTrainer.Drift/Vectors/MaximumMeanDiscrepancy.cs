namespace WebTrainer.Drift;

/// <summary>How far two samples of vectors are apart.</summary>
/// <param name="Value">MMD², unbiased: about 0 and often below it where nothing changed.</param>
/// <param name="PValue">Of a permutation test.</param>
/// <param name="Sigma">Width of the kernel.</param>
/// <param name="Unlikeness">Of each vector of the window, how much nearer it lies to the window than to the reference (the witness
/// function); the largest are the most unlike the reference.</param>
public sealed record MmdResult(double Value, double PValue, double Sigma, IReadOnlyList<double> Unlikeness);

/// <summary>
/// The squared maximum mean discrepancy of two samples, unbiased, with the kernel <c>k(x, y) = exp(−|x − y|² / 2σ²)</c> (Gretton et al.,
/// JMLR
/// 13, 2012, equation 3): <c>mean k(x, x′) + mean k(y, y′) − 2 mean k(x, y)</c>, without pairs of a row with itself.
/// </summary>
public sealed class MaximumMeanDiscrepancy
{
    private readonly int _rows;
    private readonly int _window;
    private readonly double _sigma;

    /// <summary>Of each pair of rows, 0 on the diagonal.</summary>
    private readonly float[] _kernel;
    private readonly double[] _sums;
    private readonly double _total;

    private MaximumMeanDiscrepancy(double[] squares, int rows, int window, double sigma)
    {
        (_rows, _window, _sigma) = (rows, window, sigma);
        _kernel = [.. squares.Select(square => (float)Math.Exp(-square / (2 * sigma * sigma)))];
        for (var i = 0; i < rows; i++)
        {
            _kernel[(i * rows) + i] = 0;
        }

        _sums = [.. Enumerable.Range(0, rows).Select(i => _kernel.AsSpan(i * rows, rows).ToArray().Sum(value => (double)value))];
        _total = _sums.Sum();
    }

    /// <param name="reference">At least two vectors of one length.</param>
    /// <param name="current">At least two of the same length.</param>
    /// <param name="sigma">Above 0.</param>
    /// <exception cref="NotComparableException">Too few vectors, of several lengths, not finite, or a width that isn't above 0.</exception>
    public static double Squared(IReadOnlyList<double[]> reference, IReadOnlyList<double[]> current, double sigma)
    {
        Check(reference, current);
        if (!double.IsFinite(sigma) || sigma <= 0)
        {
            throw new NotComparableException($"The kernel's width is {sigma}; it must be a number above 0.");
        }

        double Kernel(double[] a, double[] b) => Math.Exp(-a.Zip(b, (x, y) => (x - y) * (x - y)).Sum() / (2 * sigma * sigma));
        double Within(IReadOnlyList<double[]> rows) =>
            rows.Index().Sum(a => rows.Take(a.Index).Sum(b => Kernel(a.Item, b))) * 2 / ((double)rows.Count * (rows.Count - 1));
        return Within(reference) + Within(current) - (2 * reference.Average(a => current.Average(b => Kernel(a, b))));
    }

    /// <summary>With the width of the median heuristic: the median distance of two rows of both samples together.</summary>
    /// <param name="reference">At least two vectors of one length; time and memory grow with the square of all rows.</param>
    /// <param name="current">At least two.</param>
    /// <param name="draws">Most permutations.</param>
    /// <exception cref="NotComparableException">Too few vectors, of several lengths, or not finite.</exception>
    public static MmdResult Test(IReadOnlyList<float[]> reference, IReadOnlyList<float[]> current, int draws, long seed)
    {
        VectorRows.Check(reference, current, least: 2);
        float[][] all = [.. reference, .. current];
        var squares = new double[all.Length * all.Length];
        Parallel.For(
            0,
            all.Length,
            i =>
            {
                for (var j = 0; j < i; j++)
                {
                    var square = VectorRows.SquaredDistance(all[i], all[j]);
                    squares[(i * all.Length) + j] = square;
                    squares[(j * all.Length) + i] = square;
                }
            }
        );
        var mmd = new MaximumMeanDiscrepancy(squares, all.Length, current.Count, MedianDistance(squares, all.Length));
        var test = PermutationTest.Test(all.Length, current.Count, mmd.Of, draws, seed);
        return new(test.Statistic, test.PValue, mmd._sigma, mmd.Witness());
    }

    /// <summary>MMD² were these rows the window. With sums of whole rows known, only pairs within the window are added up.</summary>
    private double Of(int[] window)
    {
        var (within, sums) = (0.0, 0.0);
        for (var i = 0; i < window.Length; i++)
        {
            var row = _kernel.AsSpan(window[i] * _rows, _rows);
            var sum = 0f;
            for (var j = 0; j < i; j++)
            {
                sum += row[window[j]];
            }

            within += 2 * (double)sum;
            sums += _sums[window[i]];
        }

        var (w, r) = ((double)_window, (double)(_rows - _window));
        var between = sums - within;
        return (within / (w * (w - 1))) + ((_total - within - (2 * between)) / (r * (r - 1))) - (2 * between / (w * r));
    }

    private double[] Witness()
    {
        var reference = _rows - _window;
        return
        [
            .. Enumerable
                .Range(reference, _window)
                .Select(i =>
                {
                    var toWindow = 0.0;
                    for (var j = reference; j < _rows; j++)
                    {
                        toWindow += _kernel[(i * _rows) + j];
                    }

                    return (toWindow / (_window - 1)) - ((_sums[i] - toWindow) / reference);
                }),
        ];
    }

    /// <summary>Where most rows are equal the median is 0: then the mean distance, and 1 where all are equal.</summary>
    private static double MedianDistance(double[] squares, int rows)
    {
        var distances = new List<double>(rows * (rows - 1) / 2);
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < i; j++)
            {
                distances.Add(Math.Sqrt(squares[(i * rows) + j]));
            }
        }

        distances.Sort();
        var median = (distances[(distances.Count - 1) / 2] + distances[distances.Count / 2]) / 2;
        return median > 0 ? median
            : distances[^1] > 0 ? distances.Average()
            : 1;
    }

    private static void Check(IReadOnlyList<double[]> reference, IReadOnlyList<double[]> current)
    {
        if (Math.Min(reference.Count, current.Count) < 2)
        {
            throw new NotComparableException(
                $"There are {reference.Count} vectors of the reference and {current.Count} of the window; at least 2 of each are needed."
            );
        }

        var length = reference[0].Length;
        if (length == 0 || reference.Concat(current).Any(row => row.Length != length || !Array.TrueForAll(row, double.IsFinite)))
        {
            throw new NotComparableException($"All vectors must have {length} finite numbers as the first has, and at least one.");
        }
    }
}
