using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Kernels;

/// <summary>
/// Cross entropy over a large vocabulary without float32 copies of the scores: <c>L = Σ (log Σ exp z - z_target) / n</c>. The
/// gradient (softmax(z) - onehot) / n is written over the scores, which nobody needs afterwards.
/// </summary>
internal sealed unsafe class CrossEntropyKernel : autograd.SingleTensorFunction<CrossEntropyKernel>
{
    public override string Name => nameof(CrossEntropyKernel);

    /// <param name="logits"><c>[n, vocabulary]</c>; overwritten.</param>
    /// <param name="targets"><c>[n]</c>, int64.</param>
    /// <param name="divisor">What the sum of losses is divided by.</param>
    public static Tensor Apply(Tensor logits, Tensor targets, double divisor) => apply(logits, targets, divisor);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (logits, targets, divisor) = ((Tensor)vars[0], (Tensor)vars[1], (double)vars[2]);
        var loss =
            logits.dtype == ScalarType.Float32
                ? Forward<Float32Element>(logits, targets, divisor)
                : Forward<BFloat16Element>(logits, targets, divisor);
        ctx.save_for_backward([logits]);
        return tensor((float)loss);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        var gradient = ctx.get_saved_variables()[0];
        var scale = grad_output.item<float>();
        if (scale != 1)
        {
            gradient.TimesInPlace(scale);
        }

        return [gradient.detach().MoveToOuterDisposeScope(), null!, null!];
    }

    private static double Forward<T>(Tensor logits, Tensor targets, double divisor)
        where T : IElement
    {
        var width = (int)logits.shape[1];
        var (pz, pt) = ((nint)Kernel.Data(logits), (nint)Kernel.Data(targets));
        var losses = new double[logits.shape[0]];
        Kernel.Rows(
            logits.shape[0],
            width,
            (_, begin, end) =>
            {
                for (var row = begin; row < end; row++)
                {
                    losses[row] = Row<T>((byte*)pz, row * width, width, ((long*)pt)[row], 1 / divisor);
                }
            }
        );
        return losses.Sum() / divisor;
    }

    /// <summary>Loss of one row; turns its scores into their gradient.</summary>
    private static double Row<T>(byte* z, long start, int width, long target, double share)
        where T : IElement
    {
        var score = T.LoadOne(z, start + target);
        var highest = T.Load(z, start);
        for (var i = Kernel.Lanes; i < width; i += Kernel.Lanes)
        {
            highest = Vector512.Max(highest, T.Load(z, start + i));
        }

        var maximum = float.NegativeInfinity;
        for (var lane = 0; lane < Kernel.Lanes; lane++)
        {
            maximum = Math.Max(maximum, highest[lane]);
        }

        var (top, sum) = (Vector512.Create(maximum), Vector512<float>.Zero);
        for (var i = 0; i < width; i += Kernel.Lanes)
        {
            sum += Vector512.Exp(T.Load(z, start + i) - top);
        }

        var total = Vector512.Sum(sum);
        var scale = Vector512.Create((float)(share / total));
        var lanes = Vector512.Create(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        var (hit, zero) = (Vector512.Create((float)share), Vector512<float>.Zero);
        for (var i = 0; i < width; i += Kernel.Lanes)
        {
            var gradient = Vector512.Exp(T.Load(z, start + i) - top) * scale;
            if (target >= i && target < i + Kernel.Lanes)
            {
                gradient -= Vector512.ConditionalSelect(Vector512.Equals(lanes, Vector512.Create((int)(target - i))).AsSingle(), hit, zero);
            }

            T.Store(z, start + i, gradient);
        }

        return Math.Log(total) + maximum - score;
    }
}
