using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>A Llama-style decoder (arXiv:2302.13971): embedding, pre-norm layers, final norm, head over the vocabulary.</summary>
public sealed class CausalLM
{
    private readonly DecoderLayer[] _layers;
    private readonly RmsNorm _norm;
    private Rotary? _rotary;

    /// <param name="parameters">Weights by their Hugging Face names; the model keeps them.</param>
    /// <param name="computeType">Type of activations; weights of another type are cast as they are used.</param>
    public CausalLM(ModelConfig config, IReadOnlyDictionary<string, Tensor> parameters, ScalarType computeType)
    {
        Config = config;
        Parameters = parameters;
        ComputeType = computeType;
        Embedding = new Projection("model.embed_tokens", parameters["model.embed_tokens.weight"]);
        Head = new Projection("lm_head", config.TiedHead ? Embedding.Weight : parameters["lm_head.weight"]);
        _layers = [.. Enumerable.Range(0, config.Layers).Select(BuildLayer)];
        _norm = new RmsNorm(parameters["model.norm.weight"], config.NormEpsilon);
    }

    public ModelConfig Config { get; }

    /// <summary>Weights by their Hugging Face names; a tied head is listed once, as the embedding.</summary>
    public IReadOnlyDictionary<string, Tensor> Parameters { get; }

    public ScalarType ComputeType { get; }

    public Device Device => Embedding.Weight.device;

    /// <summary>Dropout is active.</summary>
    public bool Training { get; set; }

    public Projection Embedding { get; }

    public Projection Head { get; }

    /// <summary>Every linear map that an adapter can change, embedding and head included.</summary>
    public IEnumerable<Projection> Projections => [Embedding, .. _layers.SelectMany(layer => layer.Projections), Head];

    public long ParameterCount => Parameters.Values.Sum(tensor => tensor.NumberOfElements);

    /// <summary>Runs the layers.</summary>
    /// <param name="ids"><c>[batch, tokens]</c>, int64; rows shorter than the longest are padded on the right.</param>
    /// <returns>Normalised hidden states <c>[batch, tokens, hidden]</c>, owned by the caller.</returns>
    public Tensor Forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var angles = RotaryFor((int)ids.shape[1]).First((int)ids.shape[1]);
        return Run(ids, new ForwardPass(angles, Mask: null, Cache: null, Training)).MoveToOuterDisposeScope();
    }

    /// <summary>Runs the layers over new tokens that follow those in the cache, and adds them to it.</summary>
    /// <param name="ids"><c>[batch, tokens]</c>, int64.</param>
    /// <param name="positions"><c>[batch, tokens]</c>, int64: place of each token in its row, padding not counted.</param>
    /// <param name="visible"><c>[batch, tokens, columns]</c>, bool: which columns of cache and new tokens each token sees.</param>
    public Tensor Forward(Tensor ids, Tensor positions, Tensor visible, KeyValueCache cache)
    {
        using var scope = NewDisposeScope();
        var angles = RotaryFor(Config.ContextTokens).At(positions);
        var mask = zeros(visible.shape, ComputeType, Device).masked_fill_(visible.logical_not(), float.NegativeInfinity).unsqueeze(1);
        return Run(ids, new ForwardPass(angles, mask, cache, Training)).MoveToOuterDisposeScope();
    }

    /// <param name="hidden"><c>[…, hidden]</c></param>
    /// <returns>Scores of each next token, <c>[…, vocabulary]</c>, in the compute type.</returns>
    public Tensor Logits(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return Head.Forward(hidden, Training).MoveToOuterDisposeScope();
    }

    private Tensor Run(Tensor ids, ForwardPass pass)
    {
        var x = Embed(ids);
        foreach (var layer in _layers)
        {
            var next = layer.Forward(x, pass);
            x.Dispose();
            x = next;
        }

        return _norm.Forward(x);
    }

    private Tensor Embed(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var flat = ids.flatten();
        var rows = Embedding.Weight.index_select(0, flat).to(ComputeType); // [batch · tokens, hidden]
        if (Embedding.Update is { } update)
        {
            rows += update.Lookup(flat, ComputeType);
        }

        return rows.view(ids.shape[0], ids.shape[1], Config.HiddenSize).MoveToOuterDisposeScope();
    }

    private Rotary RotaryFor(int tokens)
    {
        if (_rotary is null || _rotary.Positions < tokens)
        {
            _rotary = new Rotary(Config, Math.Max(tokens, Math.Min(Config.ContextTokens, 4096)), Device);
        }

        return _rotary;
    }

    private DecoderLayer BuildLayer(int index)
    {
        var prefix = $"model.layers.{index}";
        Projection Map(string name) => new($"{prefix}.{name}", Parameters[$"{prefix}.{name}.weight"]);
        RmsNorm Norm(string name) => new(Parameters[$"{prefix}.{name}.weight"], Config.NormEpsilon);
        return new DecoderLayer(
            Norm("input_layernorm"),
            new Attention(Config, index, Map("self_attn.q_proj"), Map("self_attn.k_proj"), Map("self_attn.v_proj"), Map("self_attn.o_proj")),
            Norm("post_attention_layernorm"),
            new FeedForward(Map("mlp.gate_proj"), Map("mlp.up_proj"), Map("mlp.down_proj")));
    }
}
