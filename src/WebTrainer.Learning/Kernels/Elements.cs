using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Kernels;

/// <summary>How a kernel reads and writes an element type: sixteen at a time, computed in float32.</summary>
internal unsafe interface IElement
{
    static abstract Vector512<float> Load(byte* data, long index);

    static abstract void Store(byte* data, long index, Vector512<float> value);

    static abstract float LoadOne(byte* data, long index);

    static abstract void StoreOne(byte* data, long index, float value);
}

internal readonly unsafe struct Float32Element : IElement
{
    public static Vector512<float> Load(byte* data, long index) => Vector512.Load((float*)data + index);

    public static void Store(byte* data, long index, Vector512<float> value) => value.Store((float*)data + index);

    public static float LoadOne(byte* data, long index) => ((float*)data)[index];

    public static void StoreOne(byte* data, long index, float value) => ((float*)data)[index] = value;
}

/// <summary>bfloat16 is the upper half of a float32; writing rounds to nearest, ties to even.</summary>
internal readonly unsafe struct BFloat16Element : IElement
{
    public static Vector512<float> Load(byte* data, long index)
    {
        var half = Vector256.Load((ushort*)data + index);
        var (low, high) = Vector256.Widen(half);
        return (Vector512.Create(low, high) << 16).AsSingle();
    }

    public static void Store(byte* data, long index, Vector512<float> value)
    {
        var bits = value.AsUInt32();
        var rounded = (bits + Vector512.Create(0x7FFFu) + ((bits >> 16) & Vector512.Create(1u))) >> 16;
        Vector256.Narrow(rounded.GetLower(), rounded.GetUpper()).Store((ushort*)data + index);
    }

    public static float LoadOne(byte* data, long index) => BitConverter.UInt32BitsToSingle((uint)((ushort*)data)[index] << 16);

    public static void StoreOne(byte* data, long index, float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        ((ushort*)data)[index] = (ushort)((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16);
    }
}

internal static unsafe class Kernel
{
    public const int Lanes = 16;
    private const int SmallestSharedWork = 1 << 16;

    /// <summary>
    /// The kernels serve contiguous CPU tensors of two types whose rows fill whole vectors; others take the tensor operations.
    /// </summary>
    public static bool Fits(Tensor x, long row) =>
        row % Lanes == 0 && x.device_type == TorchSharp.DeviceType.CPU && x.dtype is ScalarType.Float32 or ScalarType.BFloat16;

    public static byte* Data(Tensor tensor) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));

    /// <summary>
    /// Runs <paramref name="body"/> on consecutive shares of the rows, one a thread. The shares depend only on the number of
    /// threads, so sums over a share are reproducible.
    /// </summary>
    /// <param name="rows">Split into as many shares as there are threads, if there is enough to do.</param>
    /// <param name="width">Elements of a row; little work stays on the calling thread.</param>
    /// <param name="body">Gets the number of its share, its first row, and the row behind its last.</param>
    public static void Rows(long rows, long width, Action<int, long, long> body)
    {
        var shares = Shares;
        if (shares == 1 || rows * width < SmallestSharedWork)
        {
            body(0, 0, rows);
            return;
        }

        Parallel.For(0, shares, share => body(share, rows * share / shares, rows * (share + 1) / shares));
    }

    public static int Shares => get_num_threads();
}
