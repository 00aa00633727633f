using WebTrainer.Learning.Kernels;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>A weight matrix in whatever form it is kept.</summary>
public interface IMatrix
{
    /// <summary>Width of what it is multiplied with, in.</summary>
    long Inputs { get; }

    /// <summary>Width of what comes out.</summary>
    long Outputs { get; }

    /// <param name="x"><c>[…, in]</c></param>
    /// <returns><c>[…, out]</c> in the type of x.</returns>
    Tensor Multiply(Tensor x);

    /// <param name="x"><c>[…, in]</c></param>
    /// <param name="bias"><c>[out]</c> in the type of x; null for none.</param>
    /// <returns>W·x + b, <c>[…, out]</c> in the type of x.</returns>
    Tensor Multiply(Tensor x, Tensor? bias) => bias is null ? Multiply(x) : Multiply(x).Plus(bias);

    /// <returns>float32 <c>[out, in]</c>, without gradient, owned by the caller.</returns>
    Tensor ToDense();
}

/// <summary>
/// A weight as it is. It may be kept in a wider type than it is used in: it is cast in the forward pass, so its gradient arrives
/// in the wide type.
/// </summary>
/// <param name="Weight"><c>[out, in]</c>, or <c>[in, out]</c> if transposed.</param>
/// <param name="Transposed">GPT-2 stores its maps so.</param>
public sealed record DenseMatrix(Tensor Weight, bool Transposed = false) : IMatrix
{
    /// <inheritdoc/>
    public long Inputs => Weight.shape[Transposed ? 0 : 1];

    /// <inheritdoc/>
    public long Outputs => Weight.shape[Transposed ? 1 : 0];

    /// <inheritdoc/>
    public Tensor Multiply(Tensor x) => Multiply(x, bias: null);

    /// <inheritdoc/>
    public Tensor Multiply(Tensor x, Tensor? bias)
    {
        var weight = Projection.InType(Weight, x.dtype);
        if (Transposed || NarrowProductKernel.Fits(x, weight))
        {
            var y = Transposed ? x.matmul(weight) : NarrowProductKernel.Apply(x, weight);
            return bias is null ? y : y.Plus(bias);
        }

        return nn.functional.linear(x, weight, bias);
    }

    /// <inheritdoc/>
    public Tensor ToDense()
    {
        using var scope = NewDisposeScope();
        var weight = Weight.detach().to(ScalarType.Float32);
        return (Transposed ? weight.t().contiguous() : weight.alias()).MoveToOuterDisposeScope();
    }
}
