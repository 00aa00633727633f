using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>
/// An encoder-decoder of the T5 family (arXiv:1910.10683): the decoder writes while it looks at the encoder's states of the input.
/// </summary>
public sealed class SequenceToSequenceLM
{
    private readonly ModelConfig _config;
    private readonly ScalarType _computeType;
    private readonly Tensor _embedding;
    private readonly IMatrix _head;
    private readonly T5Stack _encoder,
        _decoder;

    public SequenceToSequenceLM(ModelConfig config, ModelWeights weights, ScalarType computeType)
    {
        (_config, Weights, _computeType) = (config, weights, computeType);
        _embedding = weights.Tensors["shared.weight"];
        _head = new DenseMatrix(config.TiedHead ? _embedding : weights.Tensors["lm_head.weight"]);
        _encoder = new T5Stack(config, ModelNames.T5Encoder(config), weights, config.Layers, bothWays: true);
        _decoder = new T5Stack(config, ModelNames.T5Decoder(config), weights, config.DecoderLayers, bothWays: false);
    }

    public ModelConfig Config => _config;

    public ModelWeights Weights { get; }

    /// <param name="ids"><c>[batch, tokens]</c>, int64, padded on the right.</param>
    /// <param name="mask"><c>[batch, tokens]</c>, 1 for tokens and 0 for padding.</param>
    /// <returns>Hidden states <c>[batch, tokens, hidden]</c>, owned by the caller.</returns>
    public Tensor Encode(Tensor ids, Tensor mask)
    {
        using var scope = NewDisposeScope();
        return _encoder.Run(Embed(ids), Unseen(mask), memory: null).MoveToOuterDisposeScope();
    }

    /// <param name="ids">What was written so far, beginning with the start token, <c>[batch, tokens]</c>.</param>
    /// <param name="states">From <see cref="Encode"/>, with its mask.</param>
    /// <returns>Scores of each next token, <c>[batch, tokens, vocabulary]</c>, owned by the caller.</returns>
    public Tensor Decode(Tensor ids, Tensor states, Tensor mask)
    {
        using var scope = NewDisposeScope();
        var causal = Sight.Causal.ToMask((int)ids.shape[1], _computeType, ids.device);
        var hidden = _decoder.Run(Embed(ids), causal, new Memory(states, Unseen(mask)));
        var scaled = _config.TiedHead ? hidden * (1 / Math.Sqrt(_config.HiddenSize)) : hidden;
        return _head.Multiply(scaled).MoveToOuterDisposeScope();
    }

    /// <summary>Answers inputs, always with the likeliest token.</summary>
    /// <param name="startId">First token of every answer.</param>
    /// <returns>Answers without start and end; an answer ends at <paramref name="endId"/> or after
    /// <paramref name="maxNewTokens"/>.</returns>
    public List<List<int>> Generate(Tensor ids, Tensor mask, int startId, int? endId, int maxNewTokens, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        var states = Encode(ids, mask);
        List<List<long>> written = [.. Enumerable.Range(0, (int)ids.shape[0]).Select(_ => new List<long> { startId })];
        var ended = new bool[written.Count];
        for (var step = 0; step < maxNewTokens && ended.Contains(false); step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var logits = Decode(
                tensor(written.SelectMany(row => row).ToArray(), [written.Count, step + 1], device: ids.device),
                states,
                mask
            );
            var chosen = logits.select(1, -1).argmax(-1).cpu().data<long>().ToArray();
            for (var row = 0; row < chosen.Length; row++)
            {
                written[row].Add(chosen[row]);
                ended[row] |= chosen[row] == endId;
            }
        }

        return [.. written.Select(row => row.Skip(1).Select(id => (int)id).TakeWhile(id => id != endId).ToList())];
    }

    private Tensor Embed(Tensor ids) =>
        _embedding.index_select(0, ids.flatten()).to(_computeType).view(ids.shape[0], ids.shape[1], _config.HiddenSize);

    private Tensor Unseen(Tensor mask) => Sight.Additive(mask.to(ScalarType.Bool).unsqueeze(1).unsqueeze(1), _computeType);

    /// <summary>One of the two stacks: layers, their common table of distances, final norm.</summary>
    private sealed class T5Stack
    {
        private readonly TransformerLayer[] _layers;
        private readonly Norm _norm;
        private readonly RelativeBias _bias;

        public T5Stack(ModelConfig config, ModelNames names, ModelWeights weights, int layers, bool bothWays)
        {
            var builder = new LayerBuilder(config, names, weights);
            _layers = builder.Layers(layers);
            _norm = builder.Norm(names.FinalNorm)!;
            _bias = new RelativeBias(config.Relative!, weights.Tensors[names.RelativeBias + ".weight"], bothWays);
        }

        /// <param name="mask">Additive, what is not seen; the offsets of distances are added to it.</param>
        public Tensor Run(Tensor x, Tensor mask, Memory? memory)
        {
            var tokens = (int)x.shape[1];
            var sight = Sight.Of(_bias.For(tokens, tokens).to(x.dtype) + mask);
            var pass = new ForwardPass(Angles: null, sight, sight, Cache: null, Training: false, memory);
            foreach (var layer in _layers)
            {
                x = layer.Forward(x, pass);
            }

            return _norm.Forward(x);
        }
    }
}
