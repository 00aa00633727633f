using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Kernels;

/// <summary>
/// Layer norm in one pass over memory. With x̂ = (x - mean(x))·r, r = 1/sqrt(var(x) + ε): <c>y = g·x̂ + b</c>, and backwards
/// <c>dx = r·(g·dy - mean(g·dy) - x̂·mean(g·dy·x̂))</c>, <c>dg = Σ dy·x̂</c>, <c>db = Σ dy</c>.
/// </summary>
internal sealed unsafe class LayerNormKernel : autograd.SingleTensorFunction<LayerNormKernel>
{
    public override string Name => nameof(LayerNormKernel);

    /// <param name="x"><c>[…, width]</c></param>
    /// <param name="gain">float32 <c>[width]</c>, as the shift.</param>
    /// <param name="shift">b, as the gain.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public static Tensor Apply(Tensor x, Tensor gain, Tensor shift, double epsilon) =>
        is_grad_enabled() ? apply(x, gain, shift, epsilon) : Forward(x.contiguous(), gain, shift, epsilon);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, gain, shift, epsilon) = (((Tensor)vars[0]).contiguous(), (Tensor)vars[1], (Tensor)vars[2], (double)vars[3]);
        ctx.save_for_backward([x, gain]);
        ctx.save_data("epsilon", epsilon);
        return Forward(x, gain, shift, epsilon);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var (x, gain, dy, epsilon) = (saved[0], saved[1], grad_output.contiguous(), (double)ctx.get_data("epsilon"));
        var dx = empty_like(x, requires_grad: false);
        var sums = zeros([Kernel.Shares, 2, x.shape[^1]], ScalarType.Float32);
        if (x.dtype == ScalarType.Float32)
        {
            Backward<Float32Element>(x, gain, dy, dx, sums, epsilon);
        }
        else
        {
            Backward<BFloat16Element>(x, gain, dy, dx, sums, epsilon);
        }

        saved.ForEach(tensor => tensor.Dispose());
        var both = sums.sum([0L]);
        return [dx.MoveToOuterDisposeScope(), both[0].MoveToOuterDisposeScope(), both[1].MoveToOuterDisposeScope(), null!];
    }

    private static Tensor Forward(Tensor x, Tensor gain, Tensor shift, double epsilon)
    {
        var y = empty_like(x, requires_grad: false);
        if (x.dtype == ScalarType.Float32)
        {
            Forward<Float32Element>(x, gain, shift, y, epsilon);
        }
        else
        {
            Forward<BFloat16Element>(x, gain, shift, y, epsilon);
        }

        return y;
    }

    private static void Forward<T>(Tensor x, Tensor gain, Tensor shift, Tensor y, double epsilon)
        where T : IElement
    {
        var width = (int)x.shape[^1];
        var (px, pg, pb, py) = ((nint)Kernel.Data(x), (nint)Kernel.Data(gain), (nint)Kernel.Data(shift), (nint)Kernel.Data(y));
        Kernel.Rows(
            x.NumberOfElements / width,
            width,
            (_, begin, end) =>
            {
                for (var row = begin; row < end; row++)
                {
                    var start = row * width;
                    var (mean, r) = Moments<T>((byte*)px, start, width, epsilon);
                    for (var i = 0; i < width; i += Kernel.Lanes)
                    {
                        var normal = (T.Load((byte*)px, start + i) - mean) * r;
                        T.Store(
                            (byte*)py,
                            start + i,
                            Vector512.FusedMultiplyAdd(normal, Vector512.Load((float*)pg + i), Vector512.Load((float*)pb + i))
                        );
                    }
                }
            }
        );
    }

    private static void Backward<T>(Tensor x, Tensor gain, Tensor dy, Tensor dx, Tensor sums, double epsilon)
        where T : IElement
    {
        var width = (int)x.shape[^1];
        var (px, pg, pdy, pdx, psums) = (
            (nint)Kernel.Data(x),
            (nint)Kernel.Data(gain),
            (nint)Kernel.Data(dy),
            (nint)Kernel.Data(dx),
            (nint)Kernel.Data(sums)
        );
        Kernel.Rows(
            x.NumberOfElements / width,
            width,
            (share, begin, end) =>
            {
                float* dg = (float*)psums + (share * 2 * width),
                    db = dg + width;
                for (var row = begin; row < end; row++)
                {
                    var start = row * width;
                    var (mean, r) = Moments<T>((byte*)px, start, width, epsilon);
                    var (pull, dot) = (Vector512<float>.Zero, Vector512<float>.Zero);
                    for (var i = 0; i < width; i += Kernel.Lanes)
                    {
                        var (normal, dyi) = ((T.Load((byte*)px, start + i) - mean) * r, T.Load((byte*)pdy, start + i));
                        var scaled = Vector512.Load((float*)pg + i) * dyi;
                        pull += scaled;
                        dot = Vector512.FusedMultiplyAdd(scaled, normal, dot);
                        Vector512.FusedMultiplyAdd(dyi, normal, Vector512.Load(dg + i)).Store(dg + i);
                        (Vector512.Load(db + i) + dyi).Store(db + i);
                    }

                    var (meanPull, meanDot) = (Vector512.Create(Vector512.Sum(pull) / width), Vector512.Create(Vector512.Sum(dot) / width));
                    for (var i = 0; i < width; i += Kernel.Lanes)
                    {
                        var normal = (T.Load((byte*)px, start + i) - mean) * r;
                        var scaled = Vector512.Load((float*)pg + i) * T.Load((byte*)pdy, start + i);
                        T.Store((byte*)pdx, start + i, r * (scaled - meanPull - (normal * meanDot)));
                    }
                }
            }
        );
    }

    /// <returns>The mean, and 1/sqrt(var + ε), in every lane.</returns>
    private static (Vector512<float> Mean, Vector512<float> Inverse) Moments<T>(byte* x, long start, int width, double epsilon)
        where T : IElement
    {
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < width; i += Kernel.Lanes)
        {
            sum += T.Load(x, start + i);
        }

        var mean = Vector512.Create(Vector512.Sum(sum) / width);
        var squares = Vector512<float>.Zero;
        for (var i = 0; i < width; i += Kernel.Lanes)
        {
            var apart = T.Load(x, start + i) - mean;
            squares = Vector512.FusedMultiplyAdd(apart, apart, squares);
        }

        return (mean, Vector512.Create((float)(1 / Math.Sqrt((Vector512.Sum(squares) / width) + epsilon))));
    }
}
