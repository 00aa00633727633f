using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Adapters;

/// <summary>LoRA: a low-rank change of a weight, <c>ΔW = scale · B·A</c> (arXiv:2106.09685).</summary>
/// <param name="A"><c>[rank, in]</c></param>
/// <param name="B"><c>[out, rank]</c></param>
/// <param name="Scale">alpha / rank, or alpha / √rank (rsLoRA, arXiv:2312.03732).</param>
/// <param name="Dropout">Share of the inputs dropped while training.</param>
/// <param name="Embedding">The map is an embedding: PEFT names the factors so.</param>
public sealed record LowRankUpdate(Tensor A, Tensor B, double Scale, double Dropout = 0, bool Embedding = false) : IWeightUpdate
{
    /// <summary>A and B, which both learn: <c>lora_A.weight</c> and <c>lora_B.weight</c>, or PEFT's names for an embedding's.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Tensors =>
        Embedding ? [new("lora_embedding_A", A), new("lora_embedding_B", B)] : [new("lora_A.weight", A), new("lora_B.weight", B)];

    /// <summary>Always: <c>B·A·x</c> is added to what the base gives.</summary>
    public bool OnlyAdds => true;

    /// <summary>One product adds, scales and rounds once.</summary>
    public Tensor Apply(Projection projection, Tensor x, Tensor y, bool training)
    {
        var inner = nn.functional.linear(Dropped(x, Dropout, training), Projection.InType(A, x.dtype)); // […, rank]
        var rows = y.view(-1, y.shape[^1]);
        return rows.addmm(inner.view(-1, inner.shape[^1]), Projection.InType(B, x.dtype).t(), 1, (float)Scale).view(y.shape);
    }

    /// <summary>For token t, scale · (B·A)ᵗ, with A <c>[rank, tokens]</c> and B <c>[width, rank]</c>.</summary>
    public Tensor Lookup(Tensor ids, ScalarType type)
    {
        var inner = A.t().index_select(0, ids); // [ids, rank]
        return nn.functional.linear(inner, B).Times(Scale).to(type);
    }

    /// <summary><c>W + scale·B·A</c>, or of an embedding, whose table is stored the other way, <c>W + scale·(B·A)ᵀ</c>.</summary>
    public Tensor Merge(Tensor weight)
    {
        var change = B.matmul(A) * Scale;
        return weight + (Embedding ? change.t() : change);
    }

    /// <summary>Frees A and B.</summary>
    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }

    internal static Tensor Dropped(Tensor x, double dropout, bool training) =>
        training && dropout > 0 ? nn.functional.dropout(x, dropout) : x;

    /// <returns>scale · B·A·x, <c>[…, out]</c> in the type of <paramref name="x"/>.</returns>
    internal static Tensor Change(Tensor x, Tensor a, Tensor b, double scale)
    {
        var inner = nn.functional.linear(x, Projection.InType(a, x.dtype)); // […, rank]
        return nn.functional.linear(inner, Projection.InType(b, x.dtype)).Times(scale);
    }
}
