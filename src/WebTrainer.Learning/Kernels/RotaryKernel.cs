using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Kernels;

/// <summary>Turns the channel pairs (i, i + d/2) of every head by its position's angles; backwards turns them back.</summary>
internal sealed unsafe class RotaryKernel : autograd.SingleTensorFunction<RotaryKernel>
{
    public override string Name => nameof(RotaryKernel);

    /// <param name="x"><c>[batch, tokens, heads, head]</c></param>
    /// <param name="cos">float32 <c>[tokens, head]</c>, or <c>[batch · tokens, head]</c> where rows have positions of their own.</param>
    /// <param name="sin">As the cosines.</param>
    public static Tensor Apply(Tensor x, Tensor cos, Tensor sin) =>
        is_grad_enabled() ? apply(x, cos, sin) : Turn(x.contiguous(), cos, sin, 1);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, cos, sin) = (((Tensor)vars[0]).contiguous(), (Tensor)vars[1], (Tensor)vars[2]);
        ctx.save_for_backward([cos, sin]);
        return Turn(x, cos, sin, 1);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var dx = Turn(grad_output.contiguous(), saved[0], saved[1], -1);
        saved[0].Dispose();
        saved[1].Dispose();
        return [dx.MoveToOuterDisposeScope(), null!, null!];
    }

    private static Tensor Turn(Tensor x, Tensor cos, Tensor sin, float direction)
    {
        var y = empty_like(x, requires_grad: false);
        if (x.dtype == ScalarType.Float32)
        {
            Turn<Float32Element>(x, cos, sin, y, direction);
        }
        else
        {
            Turn<BFloat16Element>(x, cos, sin, y, direction);
        }

        return y;
    }

    private static void Turn<T>(Tensor x, Tensor cos, Tensor sin, Tensor y, float direction)
        where T : IElement
    {
        var (heads, head) = ((int)x.shape[2], (int)x.shape[3]);
        var (half, angles) = (head / 2, cos.shape[0]);
        var sign = Vector512.Create(direction);
        var (px, pc, ps, py) = ((nint)Kernel.Data(x), (nint)Kernel.Data(cos), (nint)Kernel.Data(sin), (nint)Kernel.Data(y));
        Kernel.Rows(
            x.shape[0] * x.shape[1],
            heads * head,
            (_, begin, end) =>
            {
                for (var token = begin; token < end; token++)
                {
                    var angle = token % angles * head;
                    for (var h = 0; h < heads; h++)
                    {
                        var start = ((token * heads) + h) * head;
                        for (var i = 0; i < half; i += Kernel.Lanes)
                        {
                            var (c, s) = (Vector512.Load((float*)pc + angle + i), Vector512.Load((float*)ps + angle + i) * sign);
                            var (left, right) = (T.Load((byte*)px, start + i), T.Load((byte*)px, start + half + i));
                            T.Store((byte*)py, start + i, (left * c) - (right * s));
                            T.Store((byte*)py, start + half + i, (right * c) + (left * s));
                        }
                    }
                }
            }
        );
    }
}
