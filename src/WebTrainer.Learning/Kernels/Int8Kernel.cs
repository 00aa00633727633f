using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Kernels;

/// <summary>
/// Products of a few rows with weights in eight bits, which are widened as they are read: half the bytes of bfloat16, half the time.
/// </summary>
internal static unsafe class Int8Kernel
{
    /// <param name="x"><c>[…, in]</c></param>
    /// <param name="inputs">Elements of a row, in.</param>
    public static bool Fits(Tensor x, long inputs) =>
        Kernel.Fits(x, inputs) && x.NumberOfElements <= NarrowProductKernel.MostRows * inputs && !is_grad_enabled();

    /// <param name="x"><c>[…, in]</c>, float32 or bfloat16 on the CPU.</param>
    /// <param name="codes"><c>[out · in]</c></param>
    /// <param name="scales">Of each row of codes.</param>
    /// <param name="inputs">Elements of a row, in; a multiple of 16.</param>
    /// <returns><c>[…, out]</c> in the type of x, owned by the caller.</returns>
    public static Tensor Multiply(Tensor x, sbyte[] codes, float[] scales, int inputs)
    {
        using var scope = NewDisposeScope();
        var wide = x.to(ScalarType.Float32).contiguous();
        var shape = x.shape;
        shape[^1] = scales.Length;
        var y = empty(shape, ScalarType.Float32);
        var rows = (int)(x.NumberOfElements / inputs);
        var (px, py) = ((nint)Kernel.Data(wide), (nint)Kernel.Data(y));
        Kernel.Rows(
            scales.Length,
            (long)rows * inputs,
            (_, begin, end) =>
            {
                fixed (sbyte* source = codes)
                {
                    for (var output = begin; output < end; output++)
                    {
                        for (var row = 0; row < rows; row++)
                        {
                            ((float*)py)[(row * (long)scales.Length) + output] =
                                scales[output] * Sum(source + (output * inputs), (float*)px + ((long)row * inputs), inputs);
                        }
                    }
                }
            }
        );
        return y.to(x.dtype).MoveToOuterDisposeScope();
    }

    private static float Sum(sbyte* codes, float* x, int inputs)
    {
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < inputs; i += Kernel.Lanes)
        {
            var (low, high) = Vector128.Widen(Vector128.Load(codes + i));
            var whole = Vector512.Create(
                Vector256.Create(Vector128.WidenLower(low), Vector128.WidenUpper(low)),
                Vector256.Create(Vector128.WidenLower(high), Vector128.WidenUpper(high))
            );
            sum = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(whole), Vector512.Load(x + i), sum);
        }

        return Vector512.Sum(sum);
    }
}
