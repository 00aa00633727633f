using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Adapters;

/// <summary>
/// DoRA (arXiv:2402.09353): length and direction of each row of the weight learn apart,
/// <c>W' = m ⊙ (W + scale·B·A) / ‖W + scale·B·A‖</c>, the norm taken over each row and held constant in the backward pass (section 4.3).
/// </summary>
/// <param name="Low">A, B, scale and dropout of the direction.</param>
/// <param name="Magnitude">m, <c>[out]</c></param>
public sealed record DoraUpdate(LowRankUpdate Low, Tensor Magnitude) : IWeightUpdate
{
    private Tensor? _squares; // ‖W‖² of each row, which never changes

    /// <summary>The factors of the direction and m, <c>lora_magnitude_vector</c> as in PEFT; all learn.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Tensors => [.. Low.Tensors, new("lora_magnitude_vector", Magnitude)];

    /// <inheritdoc/>
    public Tensor Apply(Projection projection, Tensor x, Tensor y, bool training)
    {
        var dropped = LowRankUpdate.Dropped(x, Low.Dropout, training);
        var factor = Magnitude / RowNorms(projection.Matrix, x.dtype); // [out]
        var change = LowRankUpdate.Change(dropped, Low.A, Low.B, Low.Scale);
        // With dropout, the base's part of the change sees the same thinned input as the adapter; W·x itself stays whole.
        var seen = ReferenceEquals(dropped, x) ? y : projection.Matrix.Multiply(dropped);
        return y.Plus(factor.Plus(-1).to(x.dtype) * seen).Plus(factor.to(x.dtype) * change);
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: DoRA changes linear maps only.</exception>
    public Tensor Lookup(Tensor ids, ScalarType type) => throw new NotSupportedException("DoRA changes linear maps, not embeddings.");

    /// <summary><c>m ⊙ (W + scale·B·A) / ‖W + scale·B·A‖</c>, float32 <c>[out, in]</c>, the norm taken over each row.</summary>
    public Tensor Merge(Tensor weight)
    {
        var direction = Low.Merge(weight);
        return direction * (Magnitude / direction.norm(1)).unsqueeze(1);
    }

    /// <summary>Frees A, B and m with the norms of the base's rows that were kept; the base itself stays.</summary>
    public void Dispose()
    {
        Low.Dispose();
        Magnitude.Dispose();
        _squares?.Dispose();
    }

    /// <summary>
    /// ‖W + sBA‖ of each row without writing the sum out: <c>‖w‖² + 2s·b·(WAᵀ) + s²·b·(AAᵀ)·bᵀ</c>.
    /// </summary>
    internal Tensor RowNorms(IMatrix matrix, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        _squares ??= SquaresOf(matrix);
        var (a, b, s) = (Low.A.detach(), Low.B.detach(), Low.Scale);
        var crossed = matrix.Multiply(a.to(type)).to(ScalarType.Float32).t(); // W·Aᵀ, [out, rank]
        var cross = (b * crossed).sum(1).Times(2 * s);
        var own = (b.matmul(a.matmul(a.t())) * b).sum(1).Times(s * s);
        return _squares.Plus(cross).Plus(own).sqrt().MoveToOuterDisposeScope();
    }

    private static Tensor SquaresOf(IMatrix matrix)
    {
        using var dense = matrix.ToDense();
        return dense.square().sum(1).DetachFromDisposeScope();
    }
}
