using System.Runtime.Intrinsics;

namespace WebTrainer.Learning.Kernels;

/// <summary>
/// e to the power of x ≤ 0, right to 2 in the last place: <c>2ⁿ·eʳ</c> with n = round(x/ln 2) and Cephes' polynomial of eʳ. The
/// runtime's own computes in float64 and takes several times as long.
/// </summary>
internal static class Exponential
{
    private const float Least = -87,
        PerLog2 = 1.44269504f,
        Log2High = 0.693359375f,
        Log2Low = -2.12194440e-4f;

    /// <returns>0 below -87, where float32 ends.</returns>
    public static Vector512<float> OfNegative(Vector512<float> x)
    {
        var n = Vector512.Round(x * Vector512.Create(PerLog2));
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Log2High), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Log2Low), r);
        var series = Vector512.FusedMultiplyAdd(Vector512.Create(1.9875691500e-4f), r, Vector512.Create(1.3981999507e-3f));
        series = Vector512.FusedMultiplyAdd(series, r, Vector512.Create(8.3334519073e-3f));
        series = Vector512.FusedMultiplyAdd(series, r, Vector512.Create(4.1665795894e-2f));
        series = Vector512.FusedMultiplyAdd(series, r, Vector512.Create(1.6666665459e-1f));
        series = Vector512.FusedMultiplyAdd(series, r, Vector512.Create(5.0000001201e-1f));
        series = Vector512.FusedMultiplyAdd(series, r * r, r + Vector512<float>.One);
        var power = ((Vector512.ConvertToInt32Native(n) + Vector512.Create(127)) << 23).AsSingle();
        return Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(Least)), series * power, Vector512<float>.Zero);
    }
}
