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
public sealed record AdaLoraUpdate(Tensor Q, Tensor P, Tensor Singular, double Alpha, double Dropout) : IWeightUpdate
{
    // PEFT divides by r + 1e-5; its adapters are computed the same here.
    private double Scale => Alpha / (Singular.shape[0] + 1e-5);

    public IEnumerable<KeyValuePair<string, Tensor>> Tensors => [new("lora_A", Q), new("lora_B", P), new("lora_E", Singular)];

    public Tensor Apply(Projection projection, Tensor x, Tensor y, bool training) =>
        y.Plus(LowRankUpdate.Change(LowRankUpdate.Dropped(x, Dropout, training), Q * Singular, P, Scale));

    public Tensor Lookup(Tensor ids, ScalarType type) => throw new NotSupportedException("AdaLoRA changes linear maps, not embeddings.");

    public Tensor Merge(Tensor weight) => weight + (P.matmul(Q * Singular) * Scale);

    public void Dispose()
    {
        Q.Dispose();
        P.Dispose();
        Singular.Dispose();
    }
}
