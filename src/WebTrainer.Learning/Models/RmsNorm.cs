using WebTrainer.Learning.Kernels;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>Root-mean-square norm (arXiv:1910.07467): <c>y = g · x / sqrt(mean(x²) + ε)</c>, in float32 whatever the type of x.</summary>
internal sealed class RmsNorm(Tensor gain, double epsilon)
{
    public Tensor Forward(Tensor x)
    {
        if (Kernel.Fits(x, x.shape[^1]))
        {
            return RmsNormKernel.Apply(x, gain, epsilon);
        }

        using var scope = NewDisposeScope();
        var wide = x.to(ScalarType.Float32);
        var normal = wide * rsqrt(wide.square().mean([-1], keepdim: true) + epsilon);
        return (normal.to(x.dtype) * Projection.InType(gain, x.dtype)).MoveToOuterDisposeScope();
    }
}
