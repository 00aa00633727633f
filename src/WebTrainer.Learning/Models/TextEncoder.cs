using static TorchSharp.torch;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Models;

/// <summary>An encoder of the BERT family (arXiv:1810.04805): every token sees every other; texts become vectors.</summary>
public sealed class TextEncoder
{
    private readonly ModelConfig _config;
    private readonly ModelWeights _weights;
    private readonly ModelNames _names;
    private readonly ScalarType _computeType;
    private readonly TransformerLayer[] _layers;
    private readonly Norm _embeddingNorm;

    public TextEncoder(ModelConfig config, ModelWeights weights, ScalarType computeType)
    {
        (_config, _weights, _computeType, _names) = (config, weights, computeType, ModelNames.Of(config));
        var builder = new LayerBuilder(config, _names, weights);
        _layers = builder.Layers(config.Layers);
        _embeddingNorm = builder.Norm(_names.EmbeddingNorm)!;
    }

    public ModelConfig Config => _config;

    public long ParameterCount => _weights.ParameterCount;

    /// <param name="ids"><c>[batch, tokens]</c>, int64, padded on the right.</param>
    /// <param name="mask"><c>[batch, tokens]</c>, 1 for tokens and 0 for padding.</param>
    /// <param name="types">Sentence of each token, <c>[batch, tokens]</c>; null where there is only one.</param>
    /// <returns>Hidden states <c>[batch, tokens, hidden]</c>, owned by the caller; those of padding mean nothing.</returns>
    public Tensor Forward(Tensor ids, Tensor mask, Tensor? types = null)
    {
        using var scope = NewDisposeScope();
        var sight = Sight.Of(Sight.Additive(mask.to(ScalarType.Bool).unsqueeze(1).unsqueeze(1), _computeType));
        var pass = new ForwardPass(Angles: null, sight, sight, Cache: null, Training: false);
        var x = _embeddingNorm.Forward(Embed(ids, types));
        foreach (var layer in _layers)
        {
            x = layer.Forward(x, pass);
        }

        return x.MoveToOuterDisposeScope();
    }

    /// <summary>One vector a text, of length 1: the mean of its tokens' states, or the first token's (arXiv:1908.10084).</summary>
    /// <returns>float32 <c>[batch, hidden]</c>, owned by the caller.</returns>
    public Tensor Embeddings(Tensor ids, Tensor mask, Tensor? types = null, PoolingKind pooling = PoolingKind.Mean)
    {
        using var scope = NewDisposeScope();
        var hidden = Forward(ids, mask, types);
        var pooled = pooling == PoolingKind.Mean ? MeanPooled(hidden, mask) : hidden.select(1, 0).to(ScalarType.Float32);
        return (pooled / pooled.norm(1, keepdim: true).clamp_min(1e-12)).MoveToOuterDisposeScope();
    }

    /// <returns>float32 <c>[batch, hidden]</c></returns>
    public static Tensor MeanPooled(Tensor hidden, Tensor mask)
    {
        var weight = mask.to(ScalarType.Float32).unsqueeze(-1); // [batch, tokens, 1]
        return (hidden.to(ScalarType.Float32) * weight).sum(1) / weight.sum(1).clamp_min(1e-9);
    }

    /// <summary>The state of the first token through a layer of its own, tanh(W·h + b); what classifiers begin with.</summary>
    /// <param name="hidden">From <see cref="Forward"/>.</param>
    /// <returns><c>[batch, hidden]</c></returns>
    /// <exception cref="ModelFileException">The checkpoint has no such layer.</exception>
    public Tensor Pooled(Tensor hidden)
    {
        if (!_config.Pooler)
        {
            throw new ModelFileException("This encoder's checkpoint has no pooler.");
        }

        using var scope = NewDisposeScope();
        var (weight, bias) = (_weights.Tensors["pooler.dense.weight"].to(hidden.dtype), _weights.Tensors["pooler.dense.bias"].to(hidden.dtype));
        return nn.functional.linear(hidden.select(1, 0), weight, bias).tanh().MoveToOuterDisposeScope();
    }

    private Tensor Embed(Tensor ids, Tensor? types)
    {
        Tensor Rows(string name, Tensor index) => _weights.Tensors[name + ".weight"].index_select(0, index.flatten()).to(_computeType);
        var (batch, tokens, hidden) = (ids.shape[0], ids.shape[1], (long)_config.HiddenSize);
        var x = Rows(_names.Embedding, ids).view(batch, tokens, hidden) + Rows(_names.Positions, arange(tokens, ScalarType.Int64, ids.device));
        return _config.TokenTypes == 0 ? x : x + Rows(_names.TokenTypes, types ?? zeros_like(ids)).view(batch, tokens, hidden);
    }
}
