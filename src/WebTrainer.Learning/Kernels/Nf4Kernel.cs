using System.Runtime.Intrinsics;
using WebTrainer.Learning.Quantization;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Kernels;

/// <summary>Unpacks four-bit codes, sixteen at a time: a table look-up by shuffle and a product with the block's magnitude.</summary>
internal static unsafe class Nf4Kernel
{
    /// <param name="codes">Two a byte, the first in the high half; whole blocks.</param>
    /// <param name="magnitudes">Of each block; may be longer.</param>
    /// <param name="dense">float32 or bfloat16, on the CPU; written.</param>
    public static void Unpack(byte[] codes, float[] magnitudes, Tensor dense)
    {
        if (dense.dtype == ScalarType.BFloat16)
        {
            Unpack<BFloat16Element>(codes, magnitudes, dense);
        }
        else
        {
            Unpack<Float32Element>(codes, magnitudes, dense);
        }
    }

    private static void Unpack<T>(byte[] codes, float[] magnitudes, Tensor dense)
        where T : IElement
    {
        var target = (nint)Kernel.Data(dense);
        Kernel.Rows(
            dense.NumberOfElements / Nf4Matrix.BlockSize,
            Nf4Matrix.BlockSize,
            (_, begin, end) =>
            {
                var table = Vector512.Create(Nf4Code.Values.AsSpan());
                fixed (byte* source = codes)
                {
                    for (var block = begin; block < end; block++)
                    {
                        var scale = Vector512.Create(magnitudes[block]);
                        for (var i = 0; i < Nf4Matrix.BlockSize; i += Kernel.Lanes)
                        {
                            var at = (block * Nf4Matrix.BlockSize) + i;
                            T.Store((byte*)target, at, Vector512.Shuffle(table, Spread(source + (at / 2))) * scale);
                        }
                    }
                }
            }
        );
    }

    /// <summary>Sixteen codes of eight bytes, high half first, as one index a lane.</summary>
    private static Vector512<int> Spread(byte* source)
    {
        var bytes = Vector128.CreateScalar(*(ulong*)source).AsByte();
        var low = bytes & Vector128.Create((byte)0x0F);
        var high = Vector128.ShiftRightLogical(bytes, 4) & Vector128.Create((byte)0x0F);
        // Code pairs in order: byte k of the high halves, then byte k of the low ones.
        var pairs =
            Vector128.Shuffle(high, Vector128.Create((byte)0, 255, 1, 255, 2, 255, 3, 255, 4, 255, 5, 255, 6, 255, 7, 255))
            | Vector128.Shuffle(low, Vector128.Create((byte)255, 0, 255, 1, 255, 2, 255, 3, 255, 4, 255, 5, 255, 6, 255, 7));
        var (first, second) = Vector128.Widen(pairs);
        var (a, b) = Vector128.Widen(first);
        var (c, d) = Vector128.Widen(second);
        return Vector512.Create(Vector256.Create(a, b), Vector256.Create(c, d)).AsInt32();
    }
}
