using WebTrainer.Learning.Kernels;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>Mixes values by softmax(q·k·scale) over what is seen.</summary>
internal sealed class HeadMixer(ModelConfig config, ScoreForm form)
{
    public ScoreForm Form => form;

    /// <param name="q"><c>[batch, tokens, heads, head]</c></param>
    /// <param name="k"><c>[batch, columns, kv heads, head]</c>, as the values.</param>
    /// <param name="v">As the keys.</param>
    /// <param name="sight">Which columns each token sees.</param>
    /// <param name="dropout">Share of the weights that is set to zero.</param>
    /// <returns><c>[batch, tokens, heads, head]</c>, owned by the scope of the caller.</returns>
    public Tensor Mix(Tensor q, Tensor k, Tensor v, Sight sight, double dropout = 0)
    {
        if (sight.Reach is { } reach)
        {
            return TwoWayAttentionKernel.Apply(q, k, v, reach, form.Scale);
        }

        (q, k, v) = (q.transpose(1, 2), Widen(k.transpose(1, 2)), Widen(v.transpose(1, 2)));
        if (!form.IsPlain)
        {
            var seen = sight.Mask ?? sight.ToMask((int)q.shape[2], ScalarType.Float32, q.device);
            return form.Weights(q.matmul(k.transpose(2, 3)), seen).to(v.dtype).matmul(v).transpose(1, 2);
        }

        if (sight is { Mask: null, BothWays: false } && Kernel.Fits(q, row: 0))
        {
            var scores = q.matmul(k.transpose(2, 3)); // [batch, heads, tokens, tokens]
            return CausalSoftmaxKernel.Apply(scores, form.Scale, sight.Begin).matmul(v).transpose(1, 2);
        }

        var mask = sight.Mask ?? (sight.Begin is null ? null : sight.ToMask((int)q.shape[2], q.dtype, q.device));
        var query = config.AttentionFactor is { } factor ? q.Times(factor * Math.Sqrt(config.HeadSize)) : q; // the library always divides
        return nn.functional.scaled_dot_product_attention(query, k, v, mask!, dropout, mask is null && !sight.BothWays).transpose(1, 2);
    }

    /// <summary>Repeats each key/value head for the query heads it serves.</summary>
    private Tensor Widen(Tensor x)
    {
        var group = config.Heads / config.KeyValueHeads;
        return group == 1 ? x : x.repeat_interleave(group, dim: 1);
    }
}
