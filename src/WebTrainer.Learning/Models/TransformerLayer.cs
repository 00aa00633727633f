using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>Attention and a feed-forward part around the residual stream, in the order the family has (see <see cref="ResidualKind"/>).</summary>
/// <param name="inputNorm">Null where the layer's input is normalised already.</param>
/// <param name="cross">Attention to an encoder, and the norm before it; null in models of one stack.</param>
internal sealed class TransformerLayer(ResidualKind kind, Norm? inputNorm, Attention attention, CrossAttention? cross, Norm innerNorm, FeedForward feedForward)
{
    public IEnumerable<Projection> Projections =>
        [.. attention.Projections, .. cross?.Attention.Projections ?? [], .. feedForward.Projections];

    /// <param name="x"><c>[batch, tokens, hidden]</c></param>
    public Tensor Forward(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var y = kind switch
        {
            ResidualKind.PreNorm => PreNorm(x, pass),
            ResidualKind.Parallel => x.Plus(attention.Forward(Input(x), pass)).Plus(feedForward.Forward(innerNorm.Forward(x), pass.Training)),
            ResidualKind.PostNorm => PostNorm(x, pass),
            _ => throw new InvalidOperationException($"Unknown order {kind}."),
        };
        return y.MoveToOuterDisposeScope();
    }

    private Tensor PreNorm(Tensor x, ForwardPass pass)
    {
        var h = x.Plus(pass.Dropped(attention.Forward(Input(x), pass)));
        if (cross is not null && pass.Memory is { } memory)
        {
            h = h.Plus(cross.Attention.Forward(cross.Norm.Forward(h), memory.States, memory.Mask, pass.Training));
        }

        return h.Plus(pass.Dropped(feedForward.Forward(innerNorm.Forward(h), pass.Training)));
    }

    private Tensor PostNorm(Tensor x, ForwardPass pass)
    {
        var h = Input(x.Plus(pass.Dropped(attention.Forward(x, pass))));
        return innerNorm.Forward(h.Plus(pass.Dropped(feedForward.Forward(h, pass.Training))));
    }

    private Tensor Input(Tensor x) => inputNorm is null ? x : inputNorm.Forward(x);
}

internal sealed record CrossAttention(Norm Norm, Attention Attention);
