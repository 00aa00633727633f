using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Kernels;

/// <summary>
/// <c>y = silu(a)·b</c> with silu(a) = a·σ(a), in one pass over memory; backwards <c>da = dy·b·σ(a)·(1 + a·(1 - σ(a)))</c>,
/// <c>db = dy·silu(a)</c>.
/// </summary>
internal sealed unsafe class SwiGluKernel : autograd.SingleTensorFunction<SwiGluKernel>
{
    public override string Name => nameof(SwiGluKernel);

    public static Tensor Apply(Tensor a, Tensor b) => is_grad_enabled() ? apply(a, b) : Forward(a.contiguous(), b.contiguous());

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (a, b) = (((Tensor)vars[0]).contiguous(), ((Tensor)vars[1]).contiguous());
        ctx.save_for_backward([a, b]);
        return Forward(a, b);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var (a, b, dy) = (saved[0], saved[1], grad_output.contiguous());
        var (da, db) = (empty_like(a, requires_grad: false), empty_like(b, requires_grad: false));
        if (a.dtype == ScalarType.Float32)
        {
            Backward<Float32Element>(a, b, dy, da, db);
        }
        else
        {
            Backward<BFloat16Element>(a, b, dy, da, db);
        }

        a.Dispose();
        b.Dispose();
        return [da.MoveToOuterDisposeScope(), db.MoveToOuterDisposeScope()];
    }

    private static Tensor Forward(Tensor a, Tensor b)
    {
        var y = empty_like(a, requires_grad: false);
        if (a.dtype == ScalarType.Float32)
        {
            Forward<Float32Element>(a, b, y);
        }
        else
        {
            Forward<BFloat16Element>(a, b, y);
        }

        return y;
    }

    private static void Forward<T>(Tensor a, Tensor b, Tensor y)
        where T : IElement
    {
        var (pa, pb, py) = ((nint)Kernel.Data(a), (nint)Kernel.Data(b), (nint)Kernel.Data(y));
        Kernel.Rows(
            a.NumberOfElements / Kernel.Lanes,
            Kernel.Lanes,
            (_, begin, end) =>
            {
                for (var i = begin * Kernel.Lanes; i < end * Kernel.Lanes; i += Kernel.Lanes)
                {
                    var ai = T.Load((byte*)pa, i);
                    T.Store((byte*)py, i, ai * Sigmoid(ai) * T.Load((byte*)pb, i));
                }
            }
        );
    }

    private static void Backward<T>(Tensor a, Tensor b, Tensor dy, Tensor da, Tensor db)
        where T : IElement
    {
        var (pa, pb, pdy, pda, pdb) = (
            (nint)Kernel.Data(a),
            (nint)Kernel.Data(b),
            (nint)Kernel.Data(dy),
            (nint)Kernel.Data(da),
            (nint)Kernel.Data(db)
        );
        Kernel.Rows(
            a.NumberOfElements / Kernel.Lanes,
            Kernel.Lanes,
            (_, begin, end) =>
            {
                for (var i = begin * Kernel.Lanes; i < end * Kernel.Lanes; i += Kernel.Lanes)
                {
                    var (ai, bi, dyi) = (T.Load((byte*)pa, i), T.Load((byte*)pb, i), T.Load((byte*)pdy, i));
                    var s = Sigmoid(ai);
                    T.Store((byte*)pda, i, dyi * bi * s * (Vector512<float>.One + (ai * (Vector512<float>.One - s))));
                    T.Store((byte*)pdb, i, dyi * ai * s);
                }
            }
        );
    }

    private static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Vector512.Exp(-x));
}
