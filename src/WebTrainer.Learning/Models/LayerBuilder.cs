using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>Puts a stack's layers together from weights by name.</summary>
internal sealed class LayerBuilder(ModelConfig config, ModelNames names, ModelWeights weights)
{
    public TransformerLayer[] Layers(int count) => [.. Enumerable.Range(0, count).Select(Layer)];

    /// <returns>Null where the stack has no such norm.</returns>
    public Norm? Norm(string name) => name.Length == 0 ? null
        : Models.Norm.Create(config.Norm, weights.Tensors[name + ".weight"], weights.Tensors.GetValueOrDefault(name + ".bias"), config.NormEpsilon);

    private TransformerLayer Layer(int index)
    {
        var prefix = names.LayerPrefix(index);
        return new(
            config.Residual,
            config.FirstInputAsIs && index == 0 ? null : Norm(prefix + names.InputNorm),
            Attention(prefix, names, index),
            names.Cross is { } cross ? new CrossAttention(Norm(prefix + cross.Norm)!, Attention(prefix, names.ToCross(), index)) : null,
            Norm(prefix + names.InnerNorm)!,
            new FeedForward(config.Activation, config is { Gated: true, JoinedGate: false } ? Map(prefix + names.Gate) : null, Map(prefix + names.Up), Map(prefix + names.Down), config.JoinedGate));
    }

    private Attention Attention(string prefix, ModelNames parts, int index)
    {
        IQueryKeyValue maps = config.QueryKeyValue == QueryKeyValueKind.Separate
            ? new SeparateMaps(config, Map(prefix + parts.Query), Map(prefix + parts.Key), Map(prefix + parts.Value))
            : new JoinedMaps(config, Map(prefix + parts.Joined));
        var norms = config.NormalisedHeads ? new HeadNorms(Norm(prefix + "self_attn.q_norm")!, Norm(prefix + "self_attn.k_norm")!) : null;
        return new Attention(config, index, maps, Map(prefix + parts.Output), norms);
    }

    public Projection Map(string name) => new(name, weights.Matrix(name, config), weights.Tensors.GetValueOrDefault(name + ".bias"));
}
