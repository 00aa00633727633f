using WebTrainer.Learning.Kernels;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>An encoder (BERT, arXiv:1810.04805, and its family): every token sees every other; texts become vectors.</summary>
public sealed class TextEncoder
{
    private readonly ModelNames _names;
    private readonly TransformerLayer[] _layers;
    private readonly Norm _embeddingNorm;
    private readonly Norm? _norm;
    private readonly Projection? _embeddingMap;
    private readonly RotaryTable? _rotary,
        _windowRotary;

    /// <param name="config">Of an encoder.</param>
    /// <param name="weights">The encoder keeps them.</param>
    /// <param name="computeType">Type of activations; weights of another type are cast as they are used.</param>
    public TextEncoder(ModelConfig config, ModelWeights weights, ScalarType computeType)
    {
        (Config, Weights, ComputeType, _names) = (config, weights, computeType, ModelNames.Of(config));
        var builder = new LayerBuilder(config, _names, weights);
        _layers = builder.Layers(config.Layers);
        _embeddingNorm = builder.Norm(_names.EmbeddingNorm)!;
        _norm = builder.Norm(_names.FinalNorm);
        _embeddingMap = config.EmbeddingSize is null ? null : builder.Map(_names.EmbeddingMap);
        Relative = config.Relative is { } relative
            ? new RelativeBias(relative, weights.Tensors[_names.RelativeBias + ".weight"], bothWays: true)
            : null;
        _rotary = config.Rotary is { } rotary ? new RotaryTable(rotary, config, Device) : null;
        _windowRotary = config.WindowRotary is { } windowed ? new RotaryTable(windowed, config, Device) : null;
    }

    /// <summary>Sizes, family and constants, as its <c>config.json</c> has them.</summary>
    public ModelConfig Config { get; }

    /// <summary>By their Hugging Face names; packed matrices stand apart.</summary>
    public ModelWeights Weights { get; }

    /// <summary>Type of activations; pooled vectors are float32.</summary>
    public ScalarType ComputeType { get; }

    /// <summary>Where the weights lie and ids and masks must.</summary>
    public Device Device => Weights.Tensors[_names.Embedding + ".weight"].device;

    /// <summary>Learned offsets by distance (MPNet); null where positions enter otherwise.</summary>
    internal RelativeBias? Relative { get; }

    /// <summary>Numbers among the weights, packed ones counted as they were before.</summary>
    public long ParameterCount => Weights.ParameterCount;

    /// <summary>The linear maps inside the layers, which an adapter can change.</summary>
    public IEnumerable<Projection> LayerProjections => _layers.SelectMany(layer => layer.Projections);

    /// <summary>Compute each layer again in the backward pass instead of keeping what is inside it.</summary>
    public bool Checkpointing { get; set; }

    /// <summary>Used where a pass trains; none by default, whatever the checkpoint was trained with.</summary>
    public DropoutRates? Dropout { get; set; }

    /// <param name="ids"><c>[batch, tokens]</c>, int64, padded on the right.</param>
    /// <param name="mask"><c>[batch, tokens]</c>, 1 for tokens and 0 for padding; with <see cref="Checkpointing"/> it must live until the
    /// backward pass is over.</param>
    /// <param name="types">Sentence of each token, <c>[batch, tokens]</c>; null where there is only one. Families without kinds of token
    /// take no notice.</param>
    /// <param name="training">Dropout is active.</param>
    /// <returns>Hidden states <c>[batch, tokens, hidden]</c>, owned by the caller; those of padding mean nothing.</returns>
    public Tensor Forward(Tensor ids, Tensor mask, Tensor? types = null, bool training = false)
    {
        using var scope = NewDisposeScope();
        ForwardPass MakePass() => PassOf(mask, training);
        var pass = MakePass();
        var x = Embed(ids, types, pass);
        var again = Checkpointing && is_grad_enabled();
        foreach (var layer in _layers)
        {
            var next = again ? CheckpointedLayer.Run(layer, x, pass, MakePass) : layer.Forward(x, pass);
            x.Dispose();
            x = next;
        }

        return (_norm is null ? x : _norm.Forward(x)).MoveToOuterDisposeScope();
    }

    /// <summary>What stands between the parts: the embeddings, then the output of each layer; the last one's with the final norm.</summary>
    internal IEnumerable<Tensor> States(Tensor ids, Tensor mask, Tensor? types = null)
    {
        var pass = PassOf(mask, training: false);
        var x = Embed(ids, types, pass);
        yield return x;
        for (var i = 0; i < _layers.Length; i++)
        {
            x = _layers[i].Forward(x, pass);
            yield return i == _layers.Length - 1 && _norm is not null ? _norm.Forward(x) : x;
        }
    }

    /// <summary>One vector a text, of length 1: the mean of its tokens' states, or the first token's (arXiv:1908.10084).</summary>
    /// <returns>float32 <c>[batch, hidden]</c>, owned by the caller.</returns>
    public Tensor Embeddings(Tensor ids, Tensor mask, Tensor? types = null, PoolingKind pooling = PoolingKind.Mean)
    {
        using var scope = NewDisposeScope();
        var pooled = Pool(Forward(ids, mask, types), mask, pooling);
        return (pooled / pooled.norm(1, keepdim: true).clamp_min(1e-12)).MoveToOuterDisposeScope();
    }

    /// <param name="hidden">From <see cref="Forward"/>.</param>
    /// <param name="mask"><c>[batch, tokens]</c>, 1 for tokens; only the mean looks at it.</param>
    /// <param name="pooling">Mean of all tokens, or the first one's state.</param>
    /// <returns>float32 <c>[batch, hidden]</c></returns>
    public static Tensor Pool(Tensor hidden, Tensor mask, PoolingKind pooling) =>
        pooling == PoolingKind.Mean ? MeanPooled(hidden, mask) : hidden.select(1, 0).to(ScalarType.Float32);

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
        if (!Config.Pooler)
        {
            throw new ModelFileException("This encoder's checkpoint has no pooler.");
        }

        using var scope = NewDisposeScope();
        var (weight, bias) = (
            Weights.Tensors[_names.Pooler + ".weight"].to(hidden.dtype),
            Weights.Tensors[_names.Pooler + ".bias"].to(hidden.dtype)
        );
        return nn.functional.linear(hidden.select(1, 0), weight, bias).tanh().MoveToOuterDisposeScope();
    }

    private Tensor Embed(Tensor ids, Tensor? types, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        Tensor Rows(string name, Tensor index) =>
            Weights.Tensors[name + ".weight"].index_select(0, index.flatten()).to(ComputeType).view(index.shape[0], index.shape[1], -1);
        var x = Rows(_names.Embedding, ids); // [batch, tokens, embedding]
        x = Config.TokenTypes == 0 ? x : x.Plus(Rows(_names.TokenTypes, types ?? zeros_like(ids)));
        x = Config.LearnedPositions ? x.Plus(Rows(_names.Positions, Positions(ids))) : x;
        x = pass.Dropped(_embeddingNorm.Forward(x));
        return (_embeddingMap is null ? x : _embeddingMap.Forward(x, pass.Training)).MoveToOuterDisposeScope();
    }

    /// <returns>int64 <c>[batch or 1, tokens]</c></returns>
    private Tensor Positions(Tensor ids)
    {
        if (Config.PositionsBehind is not { } padding)
        {
            return arange(ids.shape[1], ScalarType.Int64, ids.device).unsqueeze(0);
        }

        var tokens = ids.ne(padding).to(ScalarType.Int64);
        return (tokens.cumsum(1) * tokens) + padding;
    }

    private ForwardPass PassOf(Tensor mask, bool training)
    {
        var tokens = (int)mask.shape[1];
        var (angles, windowAngles, dropout) = (_rotary?.First(tokens), _windowRotary?.First(tokens), training ? Dropout : null);
        if (FitsKernel(tokens, dropout) && Reach.LengthsOf(mask) is { } lengths)
        {
            return new(
                angles,
                Sight.Of(new Reach(lengths, Side: null)),
                Sight.Of(new Reach(lengths, Config.Window)),
                Cache: null,
                training,
                WindowAngles: windowAngles,
                Dropout: dropout
            );
        }

        var seen = mask.to(ScalarType.Bool).view(mask.shape[0], 1, 1, tokens);
        var whole = seen.all().item<bool>() ? null : Sight.Additive(seen, ComputeType);
        var window = Config.Window is { } side && tokens > side + 1 ? SideWindow(tokens, side) : null;
        var offsets = Relative?.For(tokens).unsqueeze(0).to(ComputeType); // [1, heads, tokens, tokens]
        var sight = SightOf(whole, offsets);
        return new(
            angles,
            sight,
            window is null ? sight : SightOf(whole, offsets, window),
            Cache: null,
            training,
            WindowAngles: windowAngles,
            Dropout: dropout
        );
    }

    private bool FitsKernel(int tokens, DropoutRates? dropout) =>
        Relative is null && dropout is not { Attention: > 0 } && TwoWayAttentionKernel.Fits(Config.HeadSize, tokens, ComputeType, Device);

    /// <returns>Additive <c>[1, 1, tokens, tokens]</c>: no token sees further than so many to either side.</returns>
    private Tensor SideWindow(int tokens, int side)
    {
        var places = arange(tokens, ScalarType.Int64, Device);
        return Sight.Additive((places.view(1, 1, tokens, 1) - places).abs() <= side, ComputeType);
    }

    private static Sight SightOf(params ReadOnlySpan<Tensor?> masks)
    {
        Tensor? sum = null;
        foreach (var mask in masks)
        {
            sum =
                sum is null ? mask
                : mask is null ? sum
                : sum.Plus(mask);
        }

        return sum is null ? Sight.Everything : Sight.Of(sum);
    }
}
