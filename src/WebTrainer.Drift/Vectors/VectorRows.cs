using System.Numerics;
using System.Runtime.InteropServices;

namespace WebTrainer.Drift;

/// <summary>Arithmetic of vectors, and what can't be compared.</summary>
internal static class VectorRows
{
    /// <exception cref="NotComparableException">Too few vectors, of several lengths, or with numbers that aren't finite.</exception>
    public static void Check(IReadOnlyList<float[]> reference, IReadOnlyList<float[]> current, int least)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        if (Math.Min(reference.Count, current.Count) < least)
        {
            throw new NotComparableException(
                $"There are {reference.Count} vectors of the reference and {current.Count} of the window; at least {least} of each are needed."
            );
        }

        var length = reference[0].Length;
        if (length == 0 || reference.Concat(current).Any(vector => vector.Length != length))
        {
            throw new NotComparableException($"All vectors must have as many numbers as the first, which has {length}, and at least one.");
        }

        if (reference.Concat(current).Any(vector => Array.Exists(vector, value => !float.IsFinite(value))))
        {
            throw new NotComparableException("A vector holds a number that isn't finite; leave out its row before comparing.");
        }
    }

    public static float Dot(float[] a, float[] b)
    {
        var sum = Vector<float>.Zero;
        var left = MemoryMarshal.Cast<float, Vector<float>>(a);
        var right = MemoryMarshal.Cast<float, Vector<float>>(b);
        for (var i = 0; i < left.Length; i++)
        {
            sum += left[i] * right[i];
        }

        var total = Vector.Sum(sum);
        for (var i = left.Length * Vector<float>.Count; i < a.Length; i++)
        {
            total += a[i] * b[i];
        }

        return total;
    }

    /// <summary>Adds so many times the vector to a sum.</summary>
    public static void AddScaled(float[] sum, float[] vector, float factor)
    {
        var to = MemoryMarshal.Cast<float, Vector<float>>(sum.AsSpan());
        var from = MemoryMarshal.Cast<float, Vector<float>>(vector);
        for (var i = 0; i < to.Length; i++)
        {
            to[i] += from[i] * factor;
        }

        for (var i = to.Length * Vector<float>.Count; i < sum.Length; i++)
        {
            sum[i] += vector[i] * factor;
        }
    }

    /// <summary>By differences: near points would lose their distance as a difference of products.</summary>
    public static double SquaredDistance(float[] a, float[] b)
    {
        var sum = Vector<float>.Zero;
        var left = MemoryMarshal.Cast<float, Vector<float>>(a);
        var right = MemoryMarshal.Cast<float, Vector<float>>(b);
        for (var i = 0; i < left.Length; i++)
        {
            var difference = left[i] - right[i];
            sum += difference * difference;
        }

        double total = Vector.Sum(sum);
        for (var i = left.Length * Vector<float>.Count; i < a.Length; i++)
        {
            total += (a[i] - b[i]) * (double)(a[i] - b[i]);
        }

        return total;
    }

    /// <returns>Of length 1; a vector of zeros stays.</returns>
    public static float[] Normalised(float[] vector)
    {
        var norm = Math.Sqrt(vector.Sum(value => (double)value * value));
        return norm == 0 ? vector : [.. vector.Select(value => (float)(value / norm))];
    }
}
