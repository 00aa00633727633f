using WebTrainer.Learning.Batching;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>
/// An encoder-decoder of the T5 family (arXiv:1910.10683): the encoder reads the prompt, and the decoder writes the answer while it looks
/// at the encoder's states.
/// </summary>
public sealed class SequenceToSequenceLM : ILanguageModel
{
    private readonly Tensor _embedding;
    private readonly IMatrix _head;
    private readonly LayerStack _encoder,
        _decoder;
    private readonly RelativeBias _encoderOffsets,
        _decoderOffsets;

    /// <param name="config">Of an encoder-decoder.</param>
    /// <param name="weights">The model keeps them.</param>
    /// <param name="computeType">Type of activations; weights of another type are cast as they are used.</param>
    public SequenceToSequenceLM(ModelConfig config, ModelWeights weights, ScalarType computeType)
    {
        (Config, Weights, ComputeType) = (config, weights, computeType);
        _embedding = weights.Tensors["shared.weight"];
        _head = new DenseMatrix(config.TiedHead ? _embedding : weights.Tensors["lm_head.weight"]);
        (_encoder, _encoderOffsets) = Stack(ModelNames.T5Encoder(config), config.Layers, bothWays: true);
        (_decoder, _decoderOffsets) = Stack(ModelNames.T5Decoder(config), config.DecoderLayers, bothWays: false);
    }

    /// <inheritdoc/>
    public ModelConfig Config { get; }

    /// <inheritdoc/>
    public ModelWeights Weights { get; }

    /// <inheritdoc/>
    public ScalarType ComputeType { get; }

    /// <inheritdoc/>
    public Device Device => _embedding.device;

    /// <inheritdoc/>
    public bool Training { get; set; }

    /// <inheritdoc/>
    public bool Checkpointing { get; set; }

    /// <summary>
    /// The maps inside the layers. Embedding and head stay as they are: a tied head is scaled, which a change of it isn't.
    /// </summary>
    public IEnumerable<Projection> Projections => LayerProjections;

    /// <summary>The maps inside the layers of the encoder, then those of the decoder.</summary>
    public IEnumerable<Projection> LayerProjections => [.. _encoder.Projections, .. _decoder.Projections];

    Projection? ITunable.Embedding => null;

    /// <inheritdoc/>
    public long ParameterCount => Weights.ParameterCount;

    /// <param name="ids"><c>[batch, tokens]</c>, int64, padded on the right.</param>
    /// <param name="lengths">Tokens of each row without padding.</param>
    /// <returns>Normalised hidden states <c>[batch, tokens, hidden]</c>, owned by the caller.</returns>
    public Tensor Encode(Tensor ids, IReadOnlyList<int> lengths)
    {
        using var scope = NewDisposeScope();
        var tokens = (int)ids.shape[1];
        return _encoder.Run(Embed(ids), () => EncoderPass(tokens, lengths), Checkpointing).MoveToOuterDisposeScope();
    }

    /// <param name="ids">What was written so far, beginning with the start token, <c>[batch, tokens]</c>.</param>
    /// <param name="states">From <see cref="Encode"/>, with its lengths.</param>
    /// <param name="lengths">Tokens of each row's prompt without padding, which is not looked at.</param>
    /// <returns>Normalised hidden states <c>[batch, tokens, hidden]</c>, owned by the caller.</returns>
    public Tensor Decode(Tensor ids, Tensor states, IReadOnlyList<int> lengths)
    {
        using var scope = NewDisposeScope();
        var tokens = (int)ids.shape[1];
        return _decoder.Run(Embed(ids), () => DecoderPass(tokens, states, lengths), Checkpointing).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Read(IReadOnlyList<PromptAndAnswer> rows)
    {
        using var scope = NewDisposeScope();
        var (prompts, answers) = Halves(rows);
        var hidden = Decode(answers.Ids(Device), Encode(prompts.Ids(Device), prompts.Lengths), prompts.Lengths);
        var width = hidden.shape[1];
        long[] places = [.. answers.Lengths.SelectMany((length, r) => Enumerable.Range(0, length).Select(column => (r * width) + column))];
        return hidden.flatten(0, 1).index_select(0, tensor(places, device: Device)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor LearnedStates(Batch batch) => Read(RowsOf(batch));

    /// <inheritdoc/>
    public Tensor Logits(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        // T5 scales before a head that is the embedding, and no other.
        return _head.Multiply(Config.TiedHead ? hidden.Times(1 / Math.Sqrt(Config.HiddenSize)) : hidden).MoveToOuterDisposeScope();
    }

    /// <summary>Has the encoder read the prompts; what the decoder runs first is the start token.</summary>
    public IReadOnlyList<(CachedSequence Sequence, IReadOnlyList<int> First)> Begin(IReadOnlyList<IReadOnlyList<int>> prompts)
    {
        using var scope = NewDisposeScope();
        var read = new Padded(prompts, Config.StartId);
        var states = Encode(read.Ids(Device), read.Lengths);
        var memory = stack([.. _decoder.Layers.Select(layer => layer.Cross!.Remember(states))]); // [layers, 2, batch, heads, columns, head]
        var decoder = Config with { Layers = Config.DecoderLayers };
        return
        [
            .. read.Lengths.Select(
                (length, row) =>
                    (
                        new CachedSequence(decoder, ComputeType, Device)
                        {
                            Prompt = memory.select(2, row).narrow(3, 0, length).contiguous().clone().DetachFromDisposeScope(),
                        },
                        (IReadOnlyList<int>)[Config.StartId]
                    )
            ),
        ];
    }

    /// <inheritdoc/>
    public Tensor Forward(CachedPass tokens)
    {
        using var scope = NewDisposeScope();
        tokens.Reserve();
        tokens.Offsets = _decoderOffsets;
        long[] shape = [tokens.Sequences.Count, tokens.Width];
        var pass = new ForwardPass(Angles: null, DecoderSight(tokens.Width), Sight.Causal, tokens, Training);
        var hidden = _decoder.Run(Embed(tensor(tokens.Ids, shape, device: Device)), () => pass, checkpointing: false);
        tokens.End();
        return hidden.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public string? FindNotFinite(Batch batch)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (prompts, answers) = Halves(RowsOf(batch));
        var (ids, lengths) = (prompts.Ids(Device), prompts.Lengths);
        List<Tensor> read = [.. _encoder.States(Embed(ids), EncoderPass((int)ids.shape[1], lengths))];
        if (BrokenPart(read, "encoder") is { } part)
        {
            return part;
        }

        var written = answers.Ids(Device);
        List<Tensor> states = [.. _decoder.States(Embed(written), DecoderPass((int)written.shape[1], read[^1], lengths))];
        return BrokenPart(states, "decoder") ?? (IsFinite(Logits(states[^1])) ? null : "lm_head");
    }

    private static string? BrokenPart(List<Tensor> states, string stack) =>
        states.FindIndex(state => !IsFinite(state)) switch
        {
            < 0 => null,
            0 => "shared",
            var layer => $"layer {layer} of {states.Count - 1} of the {stack}",
        };

    private static bool IsFinite(Tensor tensor) => tensor.isfinite().all().item<bool>();

    private (LayerStack Layers, RelativeBias Offsets) Stack(ModelNames names, int layers, bool bothWays)
    {
        var builder = new LayerBuilder(Config, names, Weights);
        return (
            new LayerStack(builder.Layers(layers), builder.Norm(names.FinalNorm)),
            new RelativeBias(Config.Relative!, Weights.Tensors[names.RelativeBias + ".weight"], bothWays)
        );
    }

    private ForwardPass EncoderPass(int tokens, IReadOnlyList<int> lengths)
    {
        var sight = Sight.Of(_encoderOffsets.For(tokens).to(ComputeType) + Unseen(tokens, lengths));
        return new ForwardPass(Angles: null, sight, sight, Cache: null, Training);
    }

    private ForwardPass DecoderPass(int tokens, Tensor states, IReadOnlyList<int> lengths)
    {
        var sight = DecoderSight(tokens);
        var memory = new Memory(states, Unseen(lengths.Max(), lengths));
        return new ForwardPass(Angles: null, sight, sight, Cache: null, Training, memory);
    }

    private Sight DecoderSight(int tokens) =>
        Sight.Of(_decoderOffsets.For(tokens).to(ComputeType) + Sight.Causal.ToMask(tokens, ComputeType, Device));

    /// <returns>Additive <c>[batch, 1, 1, tokens]</c>: padding is not seen.</returns>
    private Tensor Unseen(int tokens, IReadOnlyList<int> lengths)
    {
        var ends = tensor(lengths.ToArray(), device: Device).view(-1, 1, 1, 1);
        return Sight.Additive(arange(tokens, ScalarType.Int32, Device).view(1, 1, 1, -1) < ends, ComputeType);
    }

    private Tensor Embed(Tensor ids) =>
        _embedding.index_select(0, ids.flatten()).to(ComputeType).view(ids.shape[0], ids.shape[1], Config.HiddenSize);

    /// <summary>An answer's last token is only predicted.</summary>
    private static List<PromptAndAnswer> RowsOf(Batch batch) =>
        [.. batch.Rows.Select(row => new PromptAndAnswer(row.Tokens[..row.AnswerStart], row.Tokens[row.AnswerStart..^1]))];

    /// <summary>What the encoder reads, and what the decoder does: the start token, and what is written.</summary>
    private (Padded Prompts, Padded Answers) Halves(IReadOnlyList<PromptAndAnswer> rows) =>
        (
            new([.. rows.Select(row => row.Prompt)], Config.StartId),
            new([.. rows.Select(row => (int[])[Config.StartId, .. row.Written])], Config.StartId)
        );
}
