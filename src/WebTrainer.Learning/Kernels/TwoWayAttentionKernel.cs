using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Kernels;

/// <summary>
/// An encoder's attention, <c>O = P·V</c> with <c>P = softmax(scale·Q·Kᵀ)</c>, one head of one text at a time, in float32 within the
/// cache; backwards <c>dV = Pᵀ·dO</c>, <c>dS = P∘(dO·Vᵀ - rowsum(P∘(dO·Vᵀ)))</c>, <c>dQ = scale·dS·K</c>, <c>dK = scale·dSᵀ·Q</c>
/// with P computed again. Padding is left out and comes out as zeros. For short texts the library's takes six times as long to learn.
/// </summary>
internal sealed unsafe class TwoWayAttentionKernel : autograd.SingleTensorFunction<TwoWayAttentionKernel>
{
    /// <summary>Up to here both squares of a head stay in the cache.</summary>
    public const int MostTokens = 256;

    public override string Name => nameof(TwoWayAttentionKernel);

    public static bool Fits(int head, int tokens, ScalarType type, Device device) =>
        head % Kernel.Lanes == 0
        && tokens <= MostTokens
        && device.type == TorchSharp.DeviceType.CPU
        && type is ScalarType.Float32 or ScalarType.BFloat16;

    /// <param name="q"><c>[batch, tokens, heads, head]</c>, as k and v.</param>
    /// <param name="k">As q.</param>
    /// <param name="v">As q.</param>
    /// <param name="reach">Lengths of the texts and how far a token sees.</param>
    /// <param name="scale">Times q·k before the softmax.</param>
    /// <returns><c>[batch, tokens, heads, head]</c></returns>
    public static Tensor Apply(Tensor q, Tensor k, Tensor v, Reach reach, double scale) =>
        is_grad_enabled() ? apply(q, k, v, reach, scale) : Forward(q.contiguous(), k.contiguous(), v.contiguous(), reach, scale);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (q, k, v, reach, scale) = (
            ((Tensor)vars[0]).contiguous(),
            ((Tensor)vars[1]).contiguous(),
            ((Tensor)vars[2]).contiguous(),
            (Reach)vars[3],
            (double)vars[4]
        );
        ctx.save_for_backward([q, k, v]);
        ctx.save_data("reach", reach);
        ctx.save_data("scale", scale);
        return Forward(q, k, v, reach, scale);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var (q, k, v, dy) = (saved[0], saved[1], saved[2], grad_output.contiguous());
        var (dq, dk, dv) = (empty_like(q, requires_grad: false), empty_like(q, requires_grad: false), empty_like(q, requires_grad: false));
        var (reach, scale) = ((Reach)ctx.get_data("reach"), (float)(double)ctx.get_data("scale"));
        if (q.dtype == ScalarType.Float32)
        {
            Backward<Float32Element>(q, k, v, dy, (dq, dk, dv), reach, scale);
        }
        else
        {
            Backward<BFloat16Element>(q, k, v, dy, (dq, dk, dv), reach, scale);
        }

        saved.ForEach(tensor => tensor.Dispose());
        return [dq.MoveToOuterDisposeScope(), dk.MoveToOuterDisposeScope(), dv.MoveToOuterDisposeScope(), null!, null!];
    }

    private static Tensor Forward(Tensor q, Tensor k, Tensor v, Reach reach, double scale)
    {
        var y = empty_like(q, requires_grad: false);
        if (q.dtype == ScalarType.Float32)
        {
            Forward<Float32Element>(q, k, v, y, reach, (float)scale);
        }
        else
        {
            Forward<BFloat16Element>(q, k, v, y, reach, (float)scale);
        }

        return y;
    }

    private static void Forward<T>(Tensor q, Tensor k, Tensor v, Tensor y, Reach reach, float scale)
        where T : IElement
    {
        var shape = new Shape(q);
        var (pq, pk, pv, py) = ((nint)Kernel.Data(q), (nint)Kernel.Data(k), (nint)Kernel.Data(v), (nint)Kernel.Data(y));
        Kernel.Rows(
            shape.Batch * shape.Heads,
            shape.Tokens * shape.Tokens * shape.Head,
            (_, begin, end) =>
            {
                var (side, square) = (shape.Padded * shape.Head, shape.Padded * shape.Padded);
                var buffer = GC.AllocateUninitializedArray<float>((3 * side) + square);
                fixed (float* first = buffer)
                {
                    float* a = first,
                        b = a + side,
                        c = b + side,
                        p = c + side;
                    for (var task = begin; task < end; task++)
                    {
                        var head = shape.Of(task, reach);
                        Read<T>((byte*)pq, head, a);
                        Read<T>((byte*)pk, head, b);
                        Transpose(b, head, c);
                        SmallProduct.Multiply(a, head.Width, 1, c, p, head.Rows, head.Width, head.Columns);
                        Softmax(p, head, reach.Side, scale);
                        Read<T>((byte*)pv, head, b);
                        SmallProduct.Multiply(p, head.Columns, 1, b, a, head.Rows, head.Length, head.Width);
                        Write<T>(a, (byte*)py, head, 1);
                    }
                }
            }
        );
    }

    private static void Backward<T>(
        Tensor q,
        Tensor k,
        Tensor v,
        Tensor dy,
        (Tensor Q, Tensor K, Tensor V) gradients,
        Reach reach,
        float scale
    )
        where T : IElement
    {
        var shape = new Shape(q);
        var (pq, pk, pv, pdy) = ((nint)Kernel.Data(q), (nint)Kernel.Data(k), (nint)Kernel.Data(v), (nint)Kernel.Data(dy));
        var (pdq, pdk, pdv) = ((nint)Kernel.Data(gradients.Q), (nint)Kernel.Data(gradients.K), (nint)Kernel.Data(gradients.V));
        Kernel.Rows(
            shape.Batch * shape.Heads,
            shape.Tokens * shape.Tokens * shape.Head,
            (_, begin, end) =>
            {
                var (side, square) = (shape.Padded * shape.Head, shape.Padded * shape.Padded);
                var buffer = GC.AllocateUninitializedArray<float>((5 * side) + (2 * square));
                fixed (float* first = buffer)
                {
                    float* fq = first,
                        fk = fq + side,
                        fo = fk + side,
                        turned = fo + side,
                        result = turned + side,
                        p = result + side,
                        ds = p + square;
                    for (var task = begin; task < end; task++)
                    {
                        var head = shape.Of(task, reach);
                        Read<T>((byte*)pq, head, fq);
                        Read<T>((byte*)pk, head, fk);
                        Transpose(fk, head, turned);
                        SmallProduct.Multiply(fq, head.Width, 1, turned, p, head.Rows, head.Width, head.Columns);
                        Softmax(p, head, reach.Side, scale);

                        Read<T>((byte*)pdy, head, fo);
                        SmallProduct.Multiply(p, 1, head.Columns, fo, result, head.Rows, head.Length, head.Width);
                        Write<T>(result, (byte*)pdv, head, 1);

                        Read<T>((byte*)pv, head, result);
                        Transpose(result, head, turned);
                        SmallProduct.Multiply(fo, head.Width, 1, turned, ds, head.Rows, head.Width, head.Columns);
                        SoftmaxGradient(p, ds, head);
                        SmallProduct.Multiply(ds, head.Columns, 1, fk, result, head.Rows, head.Length, head.Width);
                        Write<T>(result, (byte*)pdq, head, scale);
                        SmallProduct.Multiply(ds, 1, head.Columns, fq, result, head.Rows, head.Length, head.Width);
                        Write<T>(result, (byte*)pdk, head, scale);
                    }
                }
            }
        );
    }

    /// <summary>One head of one text as float32 <c>[rows, width]</c>; rows behind its tokens are zero.</summary>
    private static void Read<T>(byte* from, Head head, float* to)
        where T : IElement
    {
        for (var token = 0; token < head.Rows; token++)
        {
            for (var i = 0; i < head.Width; i += Kernel.Lanes)
            {
                (token < head.Length ? T.Load(from, head.Start + (token * head.Stride) + i) : Vector512<float>.Zero).Store(
                    to + (token * head.Width) + i
                );
            }
        }
    }

    private static void Write<T>(float* from, byte* to, Head head, float factor)
        where T : IElement
    {
        var scale = Vector512.Create(factor);
        for (var token = 0; token < head.Tokens; token++)
        {
            for (var i = 0; i < head.Width; i += Kernel.Lanes)
            {
                T.Store(
                    to,
                    head.Start + (token * head.Stride) + i,
                    token < head.Length ? Vector512.Load(from + (token * head.Width) + i) * scale : Vector512<float>.Zero
                );
            }
        }
    }

    /// <summary>Writes a head to <paramref name="to"/> as <c>[width, columns]</c>, zero behind the tokens.</summary>
    private static void Transpose(float* from, Head head, float* to)
    {
        for (var i = 0; i < head.Width; i++)
        {
            var row = to + (i * head.Columns);
            for (var token = 0; token < head.Length; token++)
            {
                row[token] = from[(token * head.Width) + i];
            }

            for (var token = head.Length; token < head.Columns; token++)
            {
                row[token] = 0;
            }
        }
    }

    /// <param name="s">Scores <c>[rows, columns]</c>, replaced by their shares; what is out of sight gets 0.</param>
    /// <param name="head">Sizes of s.</param>
    /// <param name="side">How far a token sees to either side; null where it sees all.</param>
    /// <param name="scale">Before the softmax.</param>
    private static void Softmax(float* s, Head head, int? side, float scale)
    {
        var (factor, lanes) = (Vector512.Create(scale), Vector512<float>.Indices);
        for (var token = 0; token < head.Rows; token++)
        {
            var row = s + (token * head.Columns);
            var (first, last) = side is { } reach
                ? (Math.Max(0, token - reach), Math.Min(head.Length - 1, token + reach))
                : (0, head.Length - 1);
            var (from, to) = (Vector512.Create((float)Math.Min(first, last)), Vector512.Create((float)last));
            var most = Vector512.Create(float.NegativeInfinity);
            for (var j = 0; j < head.Columns; j += Kernel.Lanes)
            {
                var place = lanes + Vector512.Create((float)j);
                var seen = Vector512.GreaterThanOrEqual(place, from) & Vector512.LessThanOrEqual(place, to);
                var score = Vector512.ConditionalSelect(seen, Vector512.Load(row + j) * factor, Vector512.Create(float.NegativeInfinity));
                score.Store(row + j);
                most = Vector512.Max(most, score);
            }

            var (top, sum) = (Vector512.Create(Largest(most)), Vector512<float>.Zero);
            for (var j = 0; j < head.Columns; j += Kernel.Lanes)
            {
                var share = Exponential.OfNegative(Vector512.Load(row + j) - top);
                share.Store(row + j);
                sum += share;
            }

            var inverse = Vector512.Create(1 / Vector512.Sum(sum));
            for (var j = 0; j < head.Columns; j += Kernel.Lanes)
            {
                (Vector512.Load(row + j) * inverse).Store(row + j);
            }
        }
    }

    /// <param name="p">Shares.</param>
    /// <param name="d">Gradients of the shares, replaced by those of the scores.</param>
    /// <param name="head">Sizes of both.</param>
    private static void SoftmaxGradient(float* p, float* d, Head head)
    {
        for (var token = 0; token < head.Rows; token++)
        {
            float* shares = p + (token * head.Columns),
                row = d + (token * head.Columns);
            var dot = Vector512<float>.Zero;
            for (var j = 0; j < head.Columns; j += Kernel.Lanes)
            {
                dot += Vector512.Load(shares + j) * Vector512.Load(row + j);
            }

            var mean = Vector512.Create(Vector512.Sum(dot));
            for (var j = 0; j < head.Columns; j += Kernel.Lanes)
            {
                (Vector512.Load(shares + j) * (Vector512.Load(row + j) - mean)).Store(row + j);
            }
        }
    }

    private static float Largest(Vector512<float> x)
    {
        var half = Vector256.Max(x.GetLower(), x.GetUpper());
        var quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        return Math.Max(Math.Max(quarter[0], quarter[1]), Math.Max(quarter[2], quarter[3]));
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly struct Shape(Tensor q)
    {
        public int Batch { get; } = (int)q.shape[0];

        public int Tokens { get; } = (int)q.shape[1];

        public int Heads { get; } = (int)q.shape[2];

        public int Head { get; } = (int)q.shape[3];

        public int Padded => RoundUp(Tokens, Kernel.Lanes);

        public Head Of(long task, Reach reach)
        {
            var text = (int)(task / Heads);
            return new(
                Start: (((long)text * Tokens * Heads) + (task % Heads)) * Head,
                Stride: Heads * Head,
                Width: Head,
                Tokens,
                Length: reach.Lengths[text],
                Rows: RoundUp(reach.Lengths[text], SmallProduct.Together),
                Columns: RoundUp(reach.Lengths[text], Kernel.Lanes)
            );
        }

        private static int RoundUp(int value, int step) => (value + step - 1) / step * step;
    }

    /// <summary>Where one head of one text lies.</summary>
    /// <param name="Start">First element of its first token.</param>
    /// <param name="Stride">Elements from one token to the next.</param>
    /// <param name="Width">Channels of the head.</param>
    /// <param name="Tokens">Of the batch's texts, padding counted.</param>
    /// <param name="Length">Its tokens without padding.</param>
    /// <param name="Rows">Length, up to what is computed together.</param>
    /// <param name="Columns">Length, up to whole vectors.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Head(long Start, int Stride, int Width, int Tokens, int Length, int Rows, int Columns);
}
