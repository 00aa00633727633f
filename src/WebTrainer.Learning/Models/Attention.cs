using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>
/// Attention (arXiv:1706.03762) with grouped queries (arXiv:2305.13245): each token mixes the values of the tokens it sees by
/// softmax(q·k/√head). What it sees and how positions enter comes with the pass.
/// </summary>
internal sealed class Attention(ModelConfig config, int layer, IQueryKeyValue maps, Projection output, HeadNorms? norms, HeadMixer mixer)
{
    private readonly bool _windowed = config.IsWindowed(layer),
        _turns = config.Turns(layer);

    public IEnumerable<Projection> Projections => [.. maps.Projections, output];

    /// <summary>Attention among the tokens of x.</summary>
    /// <param name="x"><c>[batch, tokens, hidden]</c></param>
    /// <param name="pass">What each token sees, how it turns, and where keys and values are kept.</param>
    public Tensor Forward(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = maps.Forward(x, pass.Training); // [batch, tokens, heads or kv heads, head]
        (q, k) = norms is null ? (q, k) : norms.Forward(q, k);
        (q, k) =
            _turns && (_windowed ? pass.WindowAngles ?? pass.Angles : pass.Angles) is { } angles
                ? (angles.Rotate(q), angles.Rotate(k))
                : (q, k);
        if (pass.Cache is { } cache)
        {
            cache.Store(layer, k, v);
            if (!cache.IsFresh)
            {
                return Output(cache.Attend(layer, q, mixer.Form, _windowed ? config.Window : null), pass.Training)
                    .MoveToOuterDisposeScope();
            }
        }

        return Output(mixer.Mix(q, k, v, _windowed ? pass.Window : pass.Sight, pass.Dropout?.Attention ?? 0), pass.Training)
            .MoveToOuterDisposeScope();
    }

    /// <param name="mixed"><c>[batch, tokens, heads, head]</c></param>
    /// <param name="training">An adapter's dropout is active.</param>
    private Tensor Output(Tensor mixed, bool training) =>
        output.Forward(mixed.reshape(mixed.shape[0], mixed.shape[1], config.QueryWidth), training);
}

/// <summary>Norms of queries and keys.</summary>
/// <param name="Query">Gain over a head's channels, or over all heads.</param>
/// <param name="Key">As the queries'.</param>
/// <param name="Whole">Over all heads together; else over the channels of each.</param>
internal sealed record HeadNorms(Norm Query, Norm Key, bool Whole)
{
    /// <param name="q"><c>[batch, tokens, heads, head]</c>, as the keys.</param>
    /// <param name="k"><c>[batch, tokens, kv heads, head]</c></param>
    public (Tensor Query, Tensor Key) Forward(Tensor q, Tensor k) =>
        Whole ? (Query.Forward(q.flatten(2)).view(q.shape), Key.Forward(k.flatten(2)).view(k.shape)) : (Query.Forward(q), Key.Forward(k));
}

/// <summary>What all layers of one forward pass share.</summary>
/// <param name="Angles">Null where positions are not rotations.</param>
/// <param name="Sight">What tokens of the other layers see.</param>
/// <param name="Window">What tokens of windowed layers see.</param>
/// <param name="Cache">New tokens of cached sequences; null where rows are whole.</param>
/// <param name="Training">Dropout of adapters is active.</param>
/// <param name="Memory">States of the encoder that a decoder looks at.</param>
/// <param name="WindowAngles">Those of windowed layers; null where they turn as the others.</param>
/// <param name="Dropout">Null for none.</param>
internal sealed record ForwardPass(
    RotaryAngles? Angles,
    Sight Sight,
    Sight Window,
    CachedPass? Cache,
    bool Training,
    Memory? Memory = null,
    RotaryAngles? WindowAngles = null,
    DropoutRates? Dropout = null
)
{
    /// <summary>What a part adds to the residual stream, some of it dropped.</summary>
    public Tensor Dropped(Tensor x) => Dropout is { Hidden: > 0 } rates ? nn.functional.dropout(x, rates.Hidden) : x;
}

/// <summary>Shares of numbers that are set to zero while training (Srivastava et al. 2014).</summary>
/// <param name="Hidden">Of the embeddings and of what attention and feed-forward part add to the residual stream.</param>
/// <param name="Attention">Of the weights by which attention mixes values.</param>
public sealed record DropoutRates(double Hidden, double Attention);

/// <param name="States"><c>[batch, columns, hidden]</c></param>
/// <param name="Mask">Additive, <c>[batch, 1, 1, columns]</c>: padding is not seen.</param>
internal sealed record Memory(Tensor States, Tensor Mask);
