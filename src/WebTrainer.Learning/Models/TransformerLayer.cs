using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>
/// Attention and a feed-forward part around the residual stream, in the order the family has (see <see cref="ResidualKind"/>).
/// </summary>
/// <param name="kind">In which order norms, attention and feed-forward part stand.</param>
/// <param name="norms">Null where the family has none.</param>
/// <param name="attention">Among the tokens themselves.</param>
/// <param name="cross">Attention to an encoder's states; null in models of one stack.</param>
/// <param name="feedForward">Of each token alone.</param>
/// <param name="factor">What is added to the residual stream is multiplied by this.</param>
internal sealed class TransformerLayer(
    ResidualKind kind,
    LayerNorms norms,
    Attention attention,
    CrossAttention? cross,
    IFeedForward feedForward,
    double factor = 1
)
{
    public CrossAttention? Cross => cross;

    public IEnumerable<Projection> Projections => [.. attention.Projections, .. cross?.Projections ?? [], .. feedForward.Projections];

    public IEnumerable<Projection> StackedProjections => feedForward.StackedProjections;

    /// <param name="x"><c>[batch, tokens, hidden]</c></param>
    /// <param name="pass">What all layers share.</param>
    public Tensor Forward(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var y = kind switch
        {
            ResidualKind.PreNorm => PreNorm(x, pass),
            ResidualKind.Parallel => x.Plus(attention.Forward(Norm.Apply(norms.Input, x), pass))
                .Plus(feedForward.Forward(Norm.Apply(norms.Inner, x), pass.Training)),
            ResidualKind.PostNorm => PostNorm(x, pass),
            _ => throw new InvalidOperationException($"Unknown order {kind}."),
        };
        return y.MoveToOuterDisposeScope();
    }

    private Tensor PreNorm(Tensor x, ForwardPass pass)
    {
        var h = Add(x, Norm.Apply(norms.BehindAttention, attention.Forward(Norm.Apply(norms.Input, x), pass)), pass);
        h = cross is null ? h : Add(h, cross.Forward(h, pass), pass);
        return Add(h, Norm.Apply(norms.BehindFeedForward, feedForward.Forward(Norm.Apply(norms.Inner, h), pass.Training)), pass);
    }

    private Tensor PostNorm(Tensor x, ForwardPass pass)
    {
        var h = Norm.Apply(norms.Input, x.Plus(pass.Dropped(attention.Forward(x, pass))));
        return Norm.Apply(norms.Inner, h.Plus(pass.Dropped(feedForward.Forward(h, pass.Training))));
    }

    private Tensor Add(Tensor x, Tensor part, ForwardPass pass) => x.Plus(pass.Dropped(factor == 1 ? part : part.Times(factor)));
}

/// <summary>A layer's norms, each null where the family has none.</summary>
/// <param name="Input">Before attention; behind it and its sum in post-norm layers.</param>
/// <param name="Inner">Before the feed-forward part; behind it and its sum in post-norm layers.</param>
/// <param name="BehindAttention">Of what attention adds.</param>
/// <param name="BehindFeedForward">Of what the feed-forward part adds.</param>
internal sealed record LayerNorms(Norm? Input, Norm? Inner, Norm? BehindAttention = null, Norm? BehindFeedForward = null);
