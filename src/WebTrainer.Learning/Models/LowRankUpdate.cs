using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>A low-rank change of a weight, ΔW = scale · B·A (arXiv:2106.09685).</summary>
/// <param name="A"><c>[rank, in]</c></param>
/// <param name="B"><c>[out, rank]</c></param>
/// <param name="Scale">alpha / rank</param>
/// <param name="Dropout">Share of the inputs dropped while training.</param>
public sealed record LowRankUpdate(Tensor A, Tensor B, double Scale, double Dropout = 0)
{
    /// <param name="x"><c>[…, in]</c></param>
    /// <returns><c>[…, out]</c> in the type of <paramref name="x"/>.</returns>
    internal Tensor Forward(Tensor x, bool training)
    {
        var input = training && Dropout > 0 ? nn.functional.dropout(x, Dropout) : x;
        var inner = nn.functional.linear(input, Projection.InType(A, x.dtype)); // […, rank]
        return nn.functional.linear(inner, Projection.InType(B, x.dtype)) * Scale;
    }

    /// <summary>Rows of an embedding's change: for token t, scale · (B·A)ᵗ, with A <c>[rank, tokens]</c> and B <c>[width, rank]</c>.</summary>
    internal Tensor Lookup(Tensor ids, ScalarType type)
    {
        var inner = A.t().index_select(0, ids); // [ids, rank]
        return (nn.functional.linear(inner, B) * Scale).to(type);
    }
}
