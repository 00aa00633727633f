using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Adapters;

/// <summary>
/// AdaLoRA (arXiv:2303.10512): a change in the form of a singular value decomposition, <c>ΔW = alpha/r · P·diag(λ)·Q</c>, whose
/// least important singular values are set to zero while training (<see cref="Training.AdaLoraOptimizer"/>).
/// </summary>
/// <param name="Q"><c>[rank, in]</c></param>
/// <param name="P"><c>[out, rank]</c></param>
/// <param name="Singular">λ, <c>[rank, 1]</c></param>
/// <param name="Alpha">Numerator of the scale, alpha / (r + 1e-5).</param>
/// <param name="Dropout">Share of the inputs dropped while training, 0 to below 1.</param>
public sealed record AdaLoraUpdate(Tensor Q, Tensor P, Tensor Singular, double Alpha, double Dropout) : IWeightUpdate
{
    // PEFT divides by r + 1e-5; its adapters are computed the same here.
    private double Scale => Alpha / (Singular.shape[0] + 1e-5);

    /// <summary>
    /// The factors and singular values, which all learn, named <c>lora_A</c>, <c>lora_B</c> and <c>lora_E</c> as in PEFT.
    /// </summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Tensors => [new("lora_A", Q), new("lora_B", P), new("lora_E", Singular)];

    /// <inheritdoc/>
    public Tensor Apply(Projection projection, Tensor x, Tensor y, bool training) =>
        y.Plus(LowRankUpdate.Change(LowRankUpdate.Dropped(x, Dropout, training), Q * Singular, P, Scale));

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: AdaLoRA changes linear maps only.</exception>
    public Tensor Lookup(Tensor ids, ScalarType type) => throw new NotSupportedException("AdaLoRA changes linear maps, not embeddings.");

    /// <inheritdoc/>
    public Tensor Merge(Tensor weight) => weight + (P.matmul(Q * Singular) * Scale);

    /// <summary>Frees the three tensors, which are the adapter's own.</summary>
    public void Dispose()
    {
        Q.Dispose();
        P.Dispose();
        Singular.Dispose();
    }
}
