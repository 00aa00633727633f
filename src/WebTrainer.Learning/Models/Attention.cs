using WebTrainer.Learning.Kernels;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>Causal self-attention (arXiv:1706.03762) with rotary positions and grouped queries (arXiv:2305.13245).</summary>
internal sealed class Attention(ModelConfig config, int layer, Projection query, Projection key, Projection value, Projection output)
{
    public IEnumerable<Projection> Projections => [query, key, value, output];

    /// <param name="x"><c>[batch, tokens, hidden]</c></param>
    public Tensor Forward(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var q = pass.Angles.Rotate(Split(query.Forward(x, pass.Training), config.Heads)).transpose(1, 2);       // [batch, heads, tokens, head]
        var k = pass.Angles.Rotate(Split(key.Forward(x, pass.Training), config.KeyValueHeads)).transpose(1, 2); // [batch, kv heads, tokens, head]
        var v = Split(value.Forward(x, pass.Training), config.KeyValueHeads).transpose(1, 2);
        if (pass.Cache is { } cache)
        {
            (k, v) = cache.Append(layer, k, v);
        }

        var mixed = Mix(q, Widen(k), Widen(v), pass.Mask); // [batch, heads, tokens, head]
        var merged = mixed.transpose(1, 2).reshape(x.shape[0], x.shape[1], config.Heads * config.HeadSize);
        return output.Forward(merged, pass.Training).MoveToOuterDisposeScope();
    }

    private static Tensor Mix(Tensor q, Tensor k, Tensor v, Tensor? mask)
    {
        if (mask is null && Kernel.Fits(q, row: 0))
        {
            var scores = q.matmul(k.transpose(2, 3)); // [batch, heads, tokens, tokens]
            return CausalSoftmaxKernel.Apply(scores, 1 / Math.Sqrt(q.shape[3])).matmul(v);
        }

        return nn.functional.scaled_dot_product_attention(q, k, v, mask!, 0.0, mask is null);
    }

    private Tensor Split(Tensor x, int heads) => x.view(x.shape[0], x.shape[1], heads, config.HeadSize); // [batch, tokens, heads, head]

    /// <summary>Repeats each key/value head for the query heads it serves.</summary>
    private Tensor Widen(Tensor x)
    {
        var group = config.Heads / config.KeyValueHeads;
        return group == 1 ? x : x.repeat_interleave(group, dim: 1);
    }
}

/// <summary>What all layers of one forward pass share.</summary>
/// <param name="Mask">Additive <c>[batch, 1, tokens, columns]</c>; null means plain causal.</param>
internal sealed record ForwardPass(RotaryAngles Angles, Tensor? Mask, KeyValueCache? Cache, bool Training);
