using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Kernels;

/// <summary>
/// <c>y = W·x</c> for a few x in bfloat16, as in generation, added up in float32. Each row of the weights is read once, in one
/// stream, with what comes next already on its way: such products wait for memory and for nothing else, and the library's take
/// three times as long.
/// </summary>
internal static unsafe class NarrowProductKernel
{
    /// <summary>With more, the library's products are as fast.</summary>
    public const int MostRows = 10;

    private const int Step = 2 * Kernel.Lanes,
        Together = 4,
        AheadElements = 2048;

    /// <param name="x"><c>[…, in]</c></param>
    /// <param name="weight"><c>[out, in]</c></param>
    public static bool Fits(Tensor x, Tensor weight)
    {
        if (x.dtype != ScalarType.BFloat16 || weight.dtype != ScalarType.BFloat16 || weight.device_type != TorchSharp.DeviceType.CPU)
        {
            return false;
        }

        var inputs = weight.shape[1];
        return inputs % Step == 0 && x.NumberOfElements <= MostRows * inputs && weight.is_contiguous() && !is_grad_enabled();
    }

    /// <returns><c>[…, out]</c>, owned by the caller.</returns>
    public static Tensor Apply(Tensor x, Tensor weight)
    {
        var (outputs, inputs) = (weight.shape[0], (int)weight.shape[1]);
        var shape = x.shape;
        var rows = (int)(x.NumberOfElements / inputs);
        shape[^1] = outputs;
        var y = empty(shape, ScalarType.BFloat16);
        var spread = GC.AllocateUninitializedArray<float>(rows * inputs);
        using (var whole = x.contiguous())
        {
            Spread((ushort*)Kernel.Data(whole), spread);
        }

        var (from, to) = ((nint)Kernel.Data(weight), (nint)Kernel.Data(y));
        Kernel.Rows(
            (outputs + 1) / 2,
            (long)rows * inputs * 2,
            (_, begin, end) =>
            {
                fixed (float* first = spread)
                {
                    for (var output = begin * 2; output < Math.Min(end * 2, outputs); output += 2)
                    {
                        MultiplyRows((ushort*)from + (output * inputs), first, rows, inputs, new Target((byte*)to, output, outputs));
                    }
                }
            }
        );
        return y;
    }

    /// <summary>Puts the even elements of each 32 before the odd ones, as shifting and masking finds them in the weights.</summary>
    private static void Spread(ushort* x, Span<float> spread)
    {
        fixed (float* to = spread)
        {
            for (var i = 0; i < spread.Length; i += Step)
            {
                var pairs = Vector512.Load(x + i).AsUInt32();
                Even(pairs).Store(to + i);
                Odd(pairs).Store(to + i + Kernel.Lanes);
            }
        }
    }

    /// <summary>Two rows of the weights, or the last one.</summary>
    private static void MultiplyRows(ushort* w, float* x, int rows, int inputs, Target target)
    {
        var row = 0;
        for (; target.HasTwo && row + Together <= rows; row += Together)
        {
            TwoByFour(w, x + (row * inputs), inputs, target, row);
        }

        for (; row < rows; row++)
        {
            target.Store(row, 0, One(w, x + (row * inputs), inputs));
            if (target.HasTwo)
            {
                target.Store(row, 1, One(w + inputs, x + (row * inputs), inputs));
            }
        }
    }

    /// <summary>Where the results of two rows of the weights go.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly ref struct Target(byte* y, long output, long outputs)
    {
        public bool HasTwo => output + 1 < outputs;

        public void Store(int row, Vector512<float> first, Vector512<float> second)
        {
            Store(row, 0, Vector512.Sum(first));
            Store(row, 1, Vector512.Sum(second));
        }

        public void Store(int row, int which, float value) => BFloat16Element.StoreOne(y, (row * outputs) + output + which, value);
    }

    private static float One(ushort* w, float* x, int inputs)
    {
        var (a, b) = (Vector512<float>.Zero, Vector512<float>.Zero);
        var i = 0;
        for (; i + (2 * Step) <= inputs; i += 2 * Step)
        {
            Prefetch(w + i);
            Prefetch(w + i + Step);
            a = Add(a, Vector512.Load(w + i).AsUInt32(), x + i);
            b = Add(b, Vector512.Load(w + i + Step).AsUInt32(), x + i + Step);
        }

        return Vector512.Sum(i < inputs ? Add(a + b, Vector512.Load(w + i).AsUInt32(), x + i) : a + b);
    }

    private static void TwoByFour(ushort* w, float* x, int inputs, Target target, int row)
    {
        Vector512<float> a0 = default,
            a1 = default,
            b0 = default,
            b1 = default,
            c0 = default,
            c1 = default,
            d0 = default,
            d1 = default;
        float* x1 = x + inputs,
            x2 = x1 + inputs,
            x3 = x2 + inputs;
        for (var i = 0; i < inputs; i += Step)
        {
            Prefetch(w + i);
            Prefetch(w + inputs + i);
            Vector512<uint> first = Vector512.Load(w + i).AsUInt32(),
                second = Vector512.Load(w + inputs + i).AsUInt32();
            Vector512<float> e0 = Even(first),
                e1 = Even(second),
                o0 = Odd(first),
                o1 = Odd(second);
            (a0, a1) = Add(a0, a1, e0, e1, o0, o1, x + i);
            (b0, b1) = Add(b0, b1, e0, e1, o0, o1, x1 + i);
            (c0, c1) = Add(c0, c1, e0, e1, o0, o1, x2 + i);
            (d0, d1) = Add(d0, d1, e0, e1, o0, o1, x3 + i);
        }

        target.Store(row, a0, a1);
        target.Store(row + 1, b0, b1);
        target.Store(row + 2, c0, c1);
        target.Store(row + 3, d0, d1);
    }

    private static (Vector512<float> First, Vector512<float> Second) Add(
        Vector512<float> first,
        Vector512<float> second,
        Vector512<float> even0,
        Vector512<float> even1,
        Vector512<float> odd0,
        Vector512<float> odd1,
        float* x
    )
    {
        Vector512<float> even = Vector512.Load(x),
            odd = Vector512.Load(x + Kernel.Lanes);
        first = Vector512.FusedMultiplyAdd(odd0, odd, Vector512.FusedMultiplyAdd(even0, even, first));
        second = Vector512.FusedMultiplyAdd(odd1, odd, Vector512.FusedMultiplyAdd(even1, even, second));
        return (first, second);
    }

    /// <summary>Asks for weights of the next rows; beyond the last it does nothing.</summary>
    private static void Prefetch(ushort* w)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(w + AheadElements);
        }
    }

    private static Vector512<float> Add(Vector512<float> sum, Vector512<uint> pairs, float* x) =>
        Vector512.FusedMultiplyAdd(
            Odd(pairs),
            Vector512.Load(x + Kernel.Lanes),
            Vector512.FusedMultiplyAdd(Even(pairs), Vector512.Load(x), sum)
        );

    private static Vector512<float> Even(Vector512<uint> pairs) => (pairs << 16).AsSingle();

    private static Vector512<float> Odd(Vector512<uint> pairs) => (pairs & Vector512.Create(0xFFFF0000u)).AsSingle();
}
