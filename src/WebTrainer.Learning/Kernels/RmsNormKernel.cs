using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Kernels;

/// <summary>
/// Root-mean-square norm in one pass over memory. With r = 1/sqrt(mean(x²) + ε): <c>y = g·r·x</c>, and backwards
/// <c>dx = r·(g·dy - x·r²·mean(g·dy·x))</c>, <c>dg = Σ dy·r·x</c>.
/// </summary>
internal sealed unsafe class RmsNormKernel : autograd.SingleTensorFunction<RmsNormKernel>
{
    public override string Name => nameof(RmsNormKernel);

    public static Tensor Apply(Tensor x, Tensor gain, double epsilon)
    {
        var wide = gain.dtype == ScalarType.Float32 ? gain : gain.to(ScalarType.Float32);
        return is_grad_enabled() ? apply(x, wide, epsilon) : Forward(x.contiguous(), wide, epsilon);
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, gain, epsilon) = (((Tensor)vars[0]).contiguous(), (Tensor)vars[1], (double)vars[2]);
        ctx.save_for_backward([x, gain]);
        ctx.save_data("epsilon", epsilon);
        return Forward(x, gain, epsilon);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var (dx, dgain) = Backward(saved[0], saved[1], grad_output.contiguous(), (double)ctx.get_data("epsilon"));
        saved[0].Dispose();
        saved[1].Dispose();
        return [dx.MoveToOuterDisposeScope(), dgain.MoveToOuterDisposeScope(), null!];
    }

    private static Tensor Forward(Tensor x, Tensor gain, double epsilon)
    {
        var y = empty_like(x, requires_grad: false);
        if (x.dtype == ScalarType.Float32)
        {
            Forward<Float32Element>(x, gain, y, epsilon);
        }
        else
        {
            Forward<BFloat16Element>(x, gain, y, epsilon);
        }

        return y;
    }

    private static void Forward<T>(Tensor x, Tensor gain, Tensor y, double epsilon)
        where T : IElement
    {
        var width = (int)x.shape[^1];
        var (px, pg, py) = ((nint)Kernel.Data(x), (nint)Kernel.Data(gain), (nint)Kernel.Data(y));
        Kernel.Rows(
            x.NumberOfElements / width,
            width,
            (_, begin, end) =>
            {
                for (var row = begin; row < end; row++)
                {
                    var start = row * width;
                    var r = Vector512.Create(InverseRoot<T>((byte*)px, start, width, epsilon));
                    for (var i = 0; i < width; i += Kernel.Lanes)
                    {
                        T.Store((byte*)py, start + i, T.Load((byte*)px, start + i) * r * Vector512.Load((float*)pg + i));
                    }
                }
            }
        );
    }

    private static (Tensor, Tensor) Backward(Tensor x, Tensor gain, Tensor dy, double epsilon)
    {
        var dx = empty_like(x, requires_grad: false);
        var dgain = zeros([Kernel.Shares, x.shape[^1]], ScalarType.Float32);
        if (x.dtype == ScalarType.Float32)
        {
            Backward<Float32Element>(x, gain, dy, dx, dgain, epsilon);
        }
        else
        {
            Backward<BFloat16Element>(x, gain, dy, dx, dgain, epsilon);
        }

        return (dx, dgain.sum([0L]));
    }

    private static void Backward<T>(Tensor x, Tensor gain, Tensor dy, Tensor dx, Tensor dgain, double epsilon)
        where T : IElement
    {
        var width = (int)x.shape[^1];
        var (px, pg, pdy, pdx, pdg) = (
            (nint)Kernel.Data(x),
            (nint)Kernel.Data(gain),
            (nint)Kernel.Data(dy),
            (nint)Kernel.Data(dx),
            (nint)Kernel.Data(dgain)
        );
        Kernel.Rows(
            x.NumberOfElements / width,
            width,
            (share, begin, end) =>
            {
                var sums = (float*)pdg + (share * width);
                for (var row = begin; row < end; row++)
                {
                    var start = row * width;
                    var r = InverseRoot<T>((byte*)px, start, width, epsilon);
                    var dot = Vector512<float>.Zero;
                    for (var i = 0; i < width; i += Kernel.Lanes)
                    {
                        dot += Vector512.Load((float*)pg + i) * T.Load((byte*)pdy, start + i) * T.Load((byte*)px, start + i);
                    }

                    var pull = Vector512.Create(Vector512.Sum(dot) / width * r * r);
                    var scale = Vector512.Create(r);
                    for (var i = 0; i < width; i += Kernel.Lanes)
                    {
                        var (xi, dyi) = (T.Load((byte*)px, start + i), T.Load((byte*)pdy, start + i));
                        T.Store((byte*)pdx, start + i, scale * ((Vector512.Load((float*)pg + i) * dyi) - (xi * pull)));
                        (Vector512.Load(sums + i) + (dyi * xi * scale)).Store(sums + i);
                    }
                }
            }
        );
    }

    private static float InverseRoot<T>(byte* x, long start, int width, double epsilon)
        where T : IElement
    {
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < width; i += Kernel.Lanes)
        {
            var value = T.Load(x, start + i);
            sum += value * value;
        }

        return (float)(1 / Math.Sqrt((Vector512.Sum(sum) / width) + epsilon));
    }
}
