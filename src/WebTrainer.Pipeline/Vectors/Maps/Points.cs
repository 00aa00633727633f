using System.Runtime.InteropServices;
using MathNet.Numerics.LinearAlgebra;
using WebTrainer.Embedding;
using Lane = System.Numerics.Vector<float>;
using Lanes = System.Numerics.Vector;

namespace WebTrainer.Pipeline.Vectors.Maps;

/// <summary>Points of few numbers each, one after the other.</summary>
/// <param name="values"><c>float32 [count, dimensions]</c>.</param>
/// <param name="dimensions">A multiple of 8, so that no number is left over where eight are taken at once.</param>
internal sealed class Points(float[] values, int dimensions)
{
    /// <summary>Texts by which the main directions are found.</summary>
    private const int Sample = 20_000;

    public int Count => values.Length / dimensions;

    public int Dimensions => dimensions;

    public Span<float> Of(int point) => values.AsSpan(point * dimensions, dimensions);

    public static float SquaredDistance(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        var a = MemoryMarshal.Cast<float, Lane>(x);
        var b = MemoryMarshal.Cast<float, Lane>(y);
        var sum = Lane.Zero;
        for (var i = 0; i < a.Length; i++)
        {
            var difference = a[i] - b[i];
            sum += difference * difference;
        }

        return Lanes.Sum(sum);
    }

    /// <summary>The texts of a version along the directions in which they differ most (PCA of the vectors brought to length one), the most
    /// telling first.</summary>
    public static Points Of(KeptVectors vectors, int dimensions, CancellationToken cancellationToken)
    {
        var unit = new float[vectors.Texts * vectors.Dimensions];
        Parallel.For(0, vectors.Texts, text => Normalise(vectors.Values.Slice(text * vectors.Dimensions, vectors.Dimensions), unit, text));
        var mean = Mean(unit, vectors.Dimensions);
        var axes = Axes(unit, mean, vectors.Dimensions, dimensions, cancellationToken);
        var values = new float[vectors.Texts * dimensions];
        Parallel.For(
            0,
            vectors.Texts,
            text =>
            {
                var own = unit.AsSpan(text * vectors.Dimensions, vectors.Dimensions);
                for (var axis = 0; axis < dimensions; axis++)
                {
                    var along = 0f;
                    for (var i = 0; i < own.Length; i++)
                    {
                        along += (own[i] - mean[i]) * axes[axis][i];
                    }

                    values[(text * dimensions) + axis] = along;
                }
            }
        );
        return new Points(values, dimensions);
    }

    private static void Normalise(ReadOnlySpan<sbyte> vector, float[] unit, int text)
    {
        var scale = ByteVectors.InverseNorm(vector);
        for (var i = 0; i < vector.Length; i++)
        {
            unit[(text * vector.Length) + i] = vector[i] * scale;
        }
    }

    private static float[] Mean(float[] unit, int width)
    {
        var sum = new double[width];
        for (var i = 0; i < unit.Length; i++)
        {
            sum[i % width] += unit[i];
        }

        return [.. sum.Select(s => (float)(s / Math.Max(1, unit.Length / width)))];
    }

    /// <returns>As many as asked for; zeros where the vectors have fewer numbers.</returns>
    private static float[][] Axes(float[] unit, float[] mean, int width, int count, CancellationToken cancellationToken)
    {
        var texts = unit.Length / width;
        var every = Math.Max(1, texts / Sample);
        var covariance = new float[width * width];
        Parallel.For(
            0,
            width,
            new ParallelOptions { CancellationToken = cancellationToken },
            row =>
            {
                var own = covariance.AsSpan(row * width, width);
                for (var text = 0; text < texts; text += every)
                {
                    var vector = unit.AsSpan(text * width, width);
                    var factor = vector[row] - mean[row];
                    for (var column = 0; column < width; column++)
                    {
                        own[column] += factor * (vector[column] - mean[column]);
                    }
                }
            }
        );
        var matrix = Matrix<double>.Build.Dense(width, width, (i, j) => covariance[(i * width) + j]);
        var evd = ((matrix + matrix.Transpose()) / 2).Evd(Symmetricity.Symmetric);
        // Eigenvalues come ascending.
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(axis =>
                    axis < width ? evd.EigenVectors.Column(width - 1 - axis).Select(v => (float)v).ToArray() : new float[width]
                ),
        ];
    }
}
