using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace WebTrainer.Embedding;

/// <summary>Arithmetic of vectors of 8-bit numbers, whose length is a multiple of 16.</summary>
public static class ByteVectors
{
    /// <summary>Sum of products, exact for up to 131,071 numbers.</summary>
    /// <param name="x">A multiple of 16 numbers.</param>
    /// <param name="y">As many.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer numbers, or no multiple of 16 (with AVX2).</exception>
    public static int Dot(ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> y)
    {
        if (!Avx2.IsSupported)
        {
            return DotByOne(x, y);
        }

        var sum = Vector256<int>.Zero;
        for (var i = 0; i < x.Length; i += Vector128<sbyte>.Count)
        {
            var a = Avx2.ConvertToVector256Int16(Vector128.Create(x.Slice(i, Vector128<sbyte>.Count)));
            var b = Avx2.ConvertToVector256Int16(Vector128.Create(y.Slice(i, Vector128<sbyte>.Count)));
            sum += Avx2.MultiplyAddAdjacent(a, b);
        }

        return Vector256.Sum(sum);
    }

    /// <returns>1 / length; 0 for a vector of zeros, so that it is like nothing.</returns>
    public static float InverseNorm(ReadOnlySpan<sbyte> vector)
    {
        var squares = Dot(vector, vector);
        return squares == 0 ? 0 : 1 / MathF.Sqrt(squares);
    }

    /// <returns>From −1 to 1; 0 where either is all zeros.</returns>
    public static double Cosine(ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> y) => Dot(x, y) * (double)InverseNorm(x) * InverseNorm(y);

    private static int DotByOne(ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> y)
    {
        var sum = 0;
        for (var i = 0; i < x.Length; i++)
        {
            sum += x[i] * y[i];
        }

        return sum;
    }
}
