using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>Attention of a decoder's tokens to what the encoder made of the prompt, and the norm before it.</summary>
internal sealed class CrossAttention(ModelConfig config, int layer, Norm norm, SeparateMaps maps, Projection output, HeadMixer mixer)
{
    public IEnumerable<Projection> Projections => [.. maps.Projections, output];

    /// <param name="x"><c>[batch, tokens, hidden]</c></param>
    /// <param name="pass">Brings the encoder's states, or the cache that holds what was made of them.</param>
    /// <returns>What is added to x, owned by the caller.</returns>
    public Tensor Forward(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var q = maps.Query(norm.Forward(x), pass.Training);
        var mixed = pass.Cache is { } cache ? cache.Recall(layer, q, mixer.Form) : Mix(q, pass.Memory!, pass.Training);
        return output.Forward(mixed.reshape(x.shape[0], x.shape[1], config.QueryWidth), pass.Training).MoveToOuterDisposeScope();
    }

    /// <summary>What is kept of the prompt while an answer is written.</summary>
    /// <param name="states">Of the encoder, <c>[batch, columns, hidden]</c>.</param>
    /// <returns><c>[2, batch, heads, columns, head]</c>, keys and then values, owned by the caller.</returns>
    public Tensor Remember(Tensor states)
    {
        using var scope = NewDisposeScope();
        var (k, v) = maps.KeyValue(states, training: false);
        return stack([k.transpose(1, 2), v.transpose(1, 2)]).MoveToOuterDisposeScope();
    }

    private Tensor Mix(Tensor q, Memory memory, bool training)
    {
        var (k, v) = maps.KeyValue(memory.States, training);
        return mixer.Mix(q, k, v, Sight.Of(memory.Mask));
    }
}
