using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Adapters;

/// <summary>
/// PiSSA (arXiv:2404.02948): A and B begin at the r largest singular values of the map, <c>W ≈ U·S·Vᵀ</c>, as <c>B₀ = U·√(S/scale)</c> and
/// <c>A₀ = √(S/scale)·Vᵀ</c>, and what learns beside them is <c>W - scale·B₀·A₀</c>. Here the base stays as it is, since other adapters
/// share it, and the change is <c>scale·(B·A - B₀·A₀)</c>: the same sum, and a plain LoRA of twice the rank, as PEFT writes it where it
/// converts a PiSSA adapter.
/// </summary>
/// <param name="Learned">B·A</param>
/// <param name="StartA">A₀, <c>[rank, in]</c></param>
/// <param name="StartB">B₀, <c>[out, rank]</c></param>
public sealed record PrincipalUpdate(LowRankUpdate Learned, Tensor StartA, Tensor StartB) : IWeightUpdate
{
    /// <summary>A and B, which learn; A₀ and B₀ stay.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Tensors => Learned.Tensors;

    /// <summary>The change as a plain LoRA of twice the rank, <c>[A; A₀]</c> and <c>[B, -B₀]</c>, which other programs read.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Saved => Plain.Tensors;

    /// <summary>Always, as of a plain LoRA.</summary>
    public bool OnlyAdds => true;

    private LowRankUpdate Plain => Learned with { A = cat([Learned.A, StartA], 0), B = cat([Learned.B, StartB.neg()], 1) };

    /// <param name="name">Of the map, for the error's sentence.</param>
    /// <param name="matrix">The map's weight.</param>
    /// <param name="rank">How many of the largest singular values the change begins with.</param>
    /// <param name="scale">alpha / rank, or alpha / √rank.</param>
    /// <param name="dropout">Share of the inputs dropped while training.</param>
    /// <exception cref="Protocol.ModelFileException">The map has fewer singular values than the rank.</exception>
    public static PrincipalUpdate Of(string name, IMatrix matrix, int rank, double scale, double dropout)
    {
        if (rank > Math.Min(matrix.Inputs, matrix.Outputs))
        {
            throw new Protocol.ModelFileException(
                $"PiSSA takes {rank} singular values, and '{name}' has {Math.Min(matrix.Inputs, matrix.Outputs)}: choose a lower rank, or take it out of the targets."
            );
        }

        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (left, right) = Principal(matrix.ToDense().to(ScalarType.Float64), rank);
        Tensor Part(Tensor tensor) => tensor.Times(1 / Math.Sqrt(scale)).to(ScalarType.Float32).contiguous().DetachFromDisposeScope();
        var (a, b) = (Part(right), Part(left));
        return new(new(a, b, scale, dropout), a.clone().DetachFromDisposeScope(), b.clone().DetachFromDisposeScope());
    }

    /// <inheritdoc/>
    public Tensor Apply(Projection projection, Tensor x, Tensor y, bool training) => Plain.Apply(projection, x, y, training);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: PiSSA begins linear maps only.</exception>
    public Tensor Lookup(Tensor ids, ScalarType type) => throw new NotSupportedException("PiSSA begins linear maps only.");

    /// <inheritdoc/>
    public Tensor Merge(Tensor weight) => Plain.Merge(weight);

    /// <summary>Frees what learns and what it began with.</summary>
    public void Dispose()
    {
        Learned.Dispose();
        StartA.Dispose();
        StartB.Dispose();
    }

    /// <summary>By the eigenvectors of the smaller of W·Wᵀ and Wᵀ·W, which is many times faster than all of a decomposition.</summary>
    /// <returns><c>U·√S [out, rank]</c> and <c>√S·Vᵀ [rank, in]</c></returns>
    private static (Tensor Left, Tensor Right) Principal(Tensor weight, int rank)
    {
        var wide = weight.shape[0] <= weight.shape[1];
        var w = wide ? weight : weight.t(); // [small, large]
        var (values, vectors) = linalg.eigh(w.matmul(w.t()));
        var small = vectors.narrow(1, vectors.shape[1] - rank, rank); // eigenvalues rise
        var roots = values.narrow(0, values.shape[0] - rank, rank).clamp_min(0).pow(0.25); // √S = ⁴√(S²)
        var large = small.t().matmul(w); // S·Vᵀ, [rank, large]
        var (left, right) = (small * roots, large / roots.clamp_min(double.Epsilon).unsqueeze(1));
        return wide ? (left, right) : (right.t(), left.t());
    }
}
