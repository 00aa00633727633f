using WebTrainer.Learning.Kernels;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>Brings the channels of each token to one scale; computed in float32 whatever the type of x.</summary>
internal abstract class Norm
{
    public abstract Tensor Forward(Tensor x);

    /// <param name="norm">Null for none.</param>
    /// <param name="x"><c>[…, width]</c></param>
    public static Tensor Apply(Norm? norm, Tensor x) => norm is null ? x : norm.Forward(x);

    public static Norm Create(NormKind kind, Tensor gain, Tensor? shift, double epsilon) =>
        kind switch
        {
            NormKind.Rms => new RmsNorm(gain, plusOne: false, epsilon),
            NormKind.RmsPlusOne => new RmsNorm(gain, plusOne: true, epsilon),
            NormKind.Layer => new LayerNorm(gain, shift, epsilon),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown norm."),
        };
}

/// <summary>Root-mean-square norm (arXiv:1910.07467): <c>y = g · x / sqrt(mean(x²) + ε)</c>.</summary>
internal sealed class RmsNorm(Tensor gain, bool plusOne, double epsilon) : Norm
{
    public override Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var g = plusOne ? gain.to(ScalarType.Float32).Plus(1) : gain;
        if (Kernel.Fits(x, x.shape[^1]))
        {
            return RmsNormKernel.Apply(x, g, epsilon).MoveToOuterDisposeScope();
        }

        var wide = x.to(ScalarType.Float32);
        var normal = wide * rsqrt(wide.square().mean([-1], keepdim: true).Plus(epsilon));
        return (normal * g.to(ScalarType.Float32)).to(x.dtype).MoveToOuterDisposeScope();
    }
}

/// <summary>Layer norm (arXiv:1607.06450): <c>y = g · (x - mean(x)) / sqrt(var(x) + ε) + b</c>.</summary>
/// <param name="gain">g, <c>[width]</c>.</param>
/// <param name="shift">b; null for none.</param>
/// <param name="epsilon">ε, added to the variance.</param>
internal sealed class LayerNorm(Tensor gain, Tensor? shift, double epsilon) : Norm
{
    public override Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var (g, b) = (gain.to(ScalarType.Float32), shift?.to(ScalarType.Float32));
        if (b is not null && Kernel.Fits(x, x.shape[^1]))
        {
            return LayerNormKernel.Apply(x, g, b, epsilon).MoveToOuterDisposeScope();
        }

        return nn.functional.layer_norm(x.to(ScalarType.Float32), [x.shape[^1]], g, b!, epsilon).to(x.dtype).MoveToOuterDisposeScope();
    }
}
