using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Kernels;

/// <summary>
/// <c>y = x·Φ(x)</c> with the normal distribution Φ (arXiv:1606.08415), backwards <c>dx = dy·(Φ(x) + x·φ(x))</c>. Φ comes from
/// Abramowitz and Stegun's formula 7.1.26, right to 1.5e-7, and shares its exponential with the density φ.
/// </summary>
internal sealed unsafe class GeluKernel : autograd.SingleTensorFunction<GeluKernel>
{
    private const float P = 0.3275911f / 1.41421356f,
        A1 = 0.254829592f,
        A2 = -0.284496736f,
        A3 = 1.421413741f,
        A4 = -1.453152027f,
        A5 = 1.061405429f;
    private const float DensityAtZero = 0.39894228f;

    public override string Name => nameof(GeluKernel);

    public static Tensor Apply(Tensor x) => is_grad_enabled() ? apply(x) : Forward(x.contiguous());

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var x = ((Tensor)vars[0]).contiguous();
        ctx.save_for_backward([x]);
        return Forward(x);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        var (x, dy) = (ctx.get_saved_variables()[0], grad_output.contiguous());
        var dx = empty_like(x, requires_grad: false);
        if (x.dtype == ScalarType.Float32)
        {
            Backward<Float32Element>(x, dy, dx);
        }
        else
        {
            Backward<BFloat16Element>(x, dy, dx);
        }

        x.Dispose();
        return [dx.MoveToOuterDisposeScope()];
    }

    private static Tensor Forward(Tensor x)
    {
        var y = empty_like(x, requires_grad: false);
        if (x.dtype == ScalarType.Float32)
        {
            Forward<Float32Element>(x, y);
        }
        else
        {
            Forward<BFloat16Element>(x, y);
        }

        return y;
    }

    private static void Forward<T>(Tensor x, Tensor y)
        where T : IElement
    {
        var (px, py) = ((nint)Kernel.Data(x), (nint)Kernel.Data(y));
        Kernel.Rows(
            x.NumberOfElements / Kernel.Lanes,
            Kernel.Lanes,
            (_, begin, end) =>
            {
                for (var i = begin * Kernel.Lanes; i < end * Kernel.Lanes; i += Kernel.Lanes)
                {
                    var value = T.Load((byte*)px, i);
                    T.Store((byte*)py, i, value * Distribution(value).Share);
                }
            }
        );
    }

    private static void Backward<T>(Tensor x, Tensor dy, Tensor dx)
        where T : IElement
    {
        var (px, pdy, pdx) = ((nint)Kernel.Data(x), (nint)Kernel.Data(dy), (nint)Kernel.Data(dx));
        Kernel.Rows(
            x.NumberOfElements / Kernel.Lanes,
            Kernel.Lanes,
            (_, begin, end) =>
            {
                for (var i = begin * Kernel.Lanes; i < end * Kernel.Lanes; i += Kernel.Lanes)
                {
                    var value = T.Load((byte*)px, i);
                    var (share, density) = Distribution(value);
                    T.Store((byte*)pdx, i, T.Load((byte*)pdy, i) * Vector512.FusedMultiplyAdd(value, density, share));
                }
            }
        );
    }

    /// <returns>Φ(x) and φ(x).</returns>
    private static (Vector512<float> Share, Vector512<float> Density) Distribution(Vector512<float> x)
    {
        var t = Vector512<float>.One / Vector512.FusedMultiplyAdd(Vector512.Abs(x), Vector512.Create(P), Vector512<float>.One);
        var exponential = Exponential.OfNegative(x * x * Vector512.Create(-0.5f));
        var series = Vector512.FusedMultiplyAdd(Vector512.Create(A5), t, Vector512.Create(A4));
        series = Vector512.FusedMultiplyAdd(series, t, Vector512.Create(A3));
        series = Vector512.FusedMultiplyAdd(series, t, Vector512.Create(A2));
        series = Vector512.FusedMultiplyAdd(series, t, Vector512.Create(A1));
        var tail = series * t * exponential * Vector512.Create(0.5f); // Φ(-|x|)
        var share = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), tail, Vector512<float>.One - tail);
        return (share, exponential * Vector512.Create(DensityAtZero));
    }
}
