using WebTrainer.Learning.Batching;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>
/// A decoder: embedding, layers in which each token sees itself and those before it, final norm, head over the vocabulary.
/// </summary>
public sealed class CausalLM : ILanguageModel
{
    private readonly LayerStack _layers;
    private readonly Tensor? _positions; // [context, hidden]
    private readonly RotaryTable? _rotary,
        _windowRotary;

    /// <param name="config">Of a decoder.</param>
    /// <param name="weights">The model keeps them.</param>
    /// <param name="computeType">Type of activations; weights of another type are cast as they are used.</param>
    public CausalLM(ModelConfig config, ModelWeights weights, ScalarType computeType)
    {
        Config = config;
        Weights = weights;
        ComputeType = computeType;
        var names = ModelNames.Of(config);
        var builder = new LayerBuilder(config, names, weights);
        _layers = new LayerStack(builder.Layers(config.Layers), builder.Norm(names.FinalNorm));
        _positions = config.LearnedPositions ? weights.Tensors[names.Positions + ".weight"] : null;
        var device = weights.Tensors[names.Embedding + ".weight"].device;
        _rotary = config.Rotary is { } rotary ? new RotaryTable(rotary, config, device) : null;
        _windowRotary = config.WindowRotary is { } windowed ? new RotaryTable(windowed, config, device) : null;
        Embedding = new Projection(names.Embedding, new DenseMatrix(weights.Tensors[names.Embedding + ".weight"]));
        Head = new Projection(names.Head, config.TiedHead ? Embedding.Matrix : new DenseMatrix(weights.Tensors[names.Head + ".weight"]));
    }

    /// <inheritdoc/>
    public ModelConfig Config { get; }

    /// <inheritdoc/>
    public ModelWeights Weights { get; }

    /// <summary>Weights by their Hugging Face names; a tied head is listed once, as the embedding.</summary>
    public IReadOnlyDictionary<string, Tensor> Parameters => Weights.Tensors;

    /// <inheritdoc/>
    public ScalarType ComputeType { get; }

    /// <summary>Where the embedding lies, and with it all weights.</summary>
    public Device Device => EmbeddingTable.device;

    /// <summary>Dropout is active.</summary>
    public bool Training { get; set; }

    /// <summary>
    /// NEFTune (arXiv:2310.05914): while training, each number of the embedded texts gets uniform noise of at most this / √(tokens · hidden
    /// width), with the width of the batch for the tokens as in transformers; 0 for none.
    /// </summary>
    public double EmbeddingNoise { get; set; }

    /// <summary>Compute each layer again in the backward pass instead of keeping what is inside it.</summary>
    public bool Checkpointing { get; set; }

    /// <summary>The table of the tokens' vectors as a map that adapters can change, <c>[vocabulary, hidden]</c>.</summary>
    public Projection Embedding { get; }

    Projection? ITunable.Embedding => Embedding;

    /// <summary><c>[vocabulary, hidden]</c></summary>
    public Tensor EmbeddingTable => ((DenseMatrix)Embedding.Matrix).Weight;

    /// <summary>The map from hidden states to scores; of a tied head the embedding's own matrix.</summary>
    public Projection Head { get; }

    /// <summary>Every linear map that an adapter can change, embedding and head included.</summary>
    public IEnumerable<Projection> Projections => [Embedding, .. LayerProjections, Head];

    /// <summary>The linear maps inside the layers.</summary>
    public IEnumerable<Projection> LayerProjections => _layers.Projections;

    /// <summary>As <see cref="ITunable.StackedProjections"/>; none unless the experts of a layer are one tensor.</summary>
    public IEnumerable<Projection> StackedProjections => _layers.StackedProjections;

    /// <summary>Numbers among the weights, packed ones counted as they were before; a tied head counts once.</summary>
    public long ParameterCount => Weights.ParameterCount;

    /// <summary>Runs the layers over whole rows, in which a token sees itself and those before it.</summary>
    /// <param name="ids"><c>[batch, tokens]</c>, int64; rows shorter than the longest are padded on the right.</param>
    /// <param name="packing">Where several examples share a row; null where each row is one.</param>
    /// <returns>Normalised hidden states <c>[batch, tokens, hidden]</c>, owned by the caller.</returns>
    public Tensor Forward(Tensor ids, Packing? packing = null)
    {
        using var scope = NewDisposeScope();
        return Run(ids, PositionsOf(ids, packing), () => PassOf(ids.shape[0], (int)ids.shape[1], packing)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Read(IReadOnlyList<PromptAndAnswer> rows)
    {
        using var scope = NewDisposeScope();
        var ids = new Padded([.. rows.Select(row => (int[])[.. row.Prompt, .. row.Written])], padding: 0).Ids(Device);
        long[] places =
        [
            .. rows.SelectMany(
                (row, r) => Enumerable.Range(row.Prompt.Count - 1, row.Written.Count + 1).Select(column => (r * ids.shape[1]) + column)
            ),
        ];
        return Forward(ids).flatten(0, 1).index_select(0, tensor(places, device: Device)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor LearnedStates(Batch batch)
    {
        using var scope = NewDisposeScope();
        var hidden = Forward(batch.Ids, batch.Packing).flatten(0, 1); // [batch · tokens, hidden]
        return hidden.index_select(0, batch.Sources).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public string? FindNotFinite(Batch batch)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var index = 0;
        foreach (var state in States(batch.Ids, batch.Packing))
        {
            if (!state.isfinite().all().item<bool>())
            {
                return index == 0 ? Embedding.Name : $"layer {index} of {Config.Layers}";
            }

            if (index++ == Config.Layers)
            {
                return Logits(state).isfinite().all().item<bool>() ? null : Head.Name;
            }
        }

        return null;
    }

    /// <summary>What stands between the parts: the embeddings, then the output of each layer; the last one's is normalised.</summary>
    /// <returns><c>[batch, tokens, hidden]</c> each, owned by the scope of the caller.</returns>
    internal IEnumerable<Tensor> States(Tensor ids, Packing? packing = null) =>
        _layers.States(Embed(ids, PositionsOf(ids, packing)), PassOf(ids.shape[0], (int)ids.shape[1], packing));

    /// <summary>A sequence for each prompt, which is yet to be read.</summary>
    public IReadOnlyList<(CachedSequence Sequence, IReadOnlyList<int> First)> Begin(IReadOnlyList<IReadOnlyList<int>> prompts) =>
        [.. prompts.Select(prompt => (new CachedSequence(Config, ComputeType, Device), prompt))];

    /// <summary>Runs the layers over new tokens of cached sequences.</summary>
    /// <returns>Normalised hidden states <c>[sequences, width, hidden]</c>, owned by the caller; rubbish where a row is padded.</returns>
    public Tensor Forward(CachedPass tokens)
    {
        using var scope = NewDisposeScope();
        ReadAgain(tokens);
        tokens.Reserve();
        long[] shape = [tokens.Sequences.Count, tokens.Width];
        var positions = tensor(tokens.Positions, shape, device: Device);
        var window = Config.Window is { } width ? Sight.Causal.Within(width, tokens.Width) : Sight.Causal;
        RotaryAngles? AnglesOf(RotaryTable? table) =>
            table?.At(positions, (int)tokens.Positions.Max() + 1, [.. tokens.TextTokens.Select(table.StageOf)]);
        var pass = new ForwardPass(AnglesOf(_rotary), Sight.Causal, window, tokens, Training, WindowAngles: AnglesOf(_windowRotary));
        var hidden = Run(tensor(tokens.Ids, shape, device: Device), positions, () => pass);
        tokens.End();
        return hidden.MoveToOuterDisposeScope();
    }

    /// <summary>What was cached of a text that now grows into other rotations is computed by them once more.</summary>
    private void ReadAgain(CachedPass tokens)
    {
        for (var row = 0; Config.Rotary?.Scaling is { ReadsAgain: true } scaling && row < tokens.Counts.Length; row++)
        {
            var (sequence, text) = (tokens.Sequences[row], tokens.TextTokens[row]);
            if (sequence.Length > 0 && scaling.StageOf(text) != scaling.StageOf(sequence.TextTokens))
            {
                Forward(CachedPass.Again(sequence, text, Config.ContextTokens)).Dispose();
            }
        }
    }

    /// <param name="hidden"><c>[…, hidden]</c></param>
    /// <returns>Scores of each next token, <c>[…, vocabulary]</c>, in the compute type.</returns>
    public Tensor Logits(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var scores = Head.Forward(hidden, Training);
        scores = Config.LogitFactor == 1 ? scores : scores.Times(Config.LogitFactor);
        return (Config.LogitCap is { } cap ? scores.Times(1 / cap).tanh().Times(cap) : scores).MoveToOuterDisposeScope();
    }

    /// <param name="ids">int64 <c>[batch, tokens]</c>.</param>
    /// <param name="positions">Place of each token where it isn't its column; null where it is.</param>
    /// <param name="makePass">Makes what the layers share; when a layer is computed again, its tensors are long gone.</param>
    private Tensor Run(Tensor ids, Tensor? positions, Func<ForwardPass> makePass) =>
        _layers.Run(Embed(ids, positions), makePass, Checkpointing);

    private Tensor? PositionsOf(Tensor ids, Packing? packing) =>
        packing is null ? null : tensor(packing.Positions, ids.shape, ScalarType.Int64, Device);

    private ForwardPass PassOf(long batch, int tokens, Packing? packing)
    {
        var positions = packing is null ? null : tensor(packing.Positions, [batch, tokens], ScalarType.Int64, Device);
        var sight = packing is null ? Sight.Causal : new Sight(packing.Begins, null);
        var window = Config.Window is { } width ? sight.Within(width, tokens) : sight;
        RotaryAngles? AnglesOf(RotaryTable? table) =>
            positions is null ? table?.First(tokens) : table?.At(positions, tokens, table.StageOf(tokens));
        return new ForwardPass(AnglesOf(_rotary), sight, window, Cache: null, Training, WindowAngles: AnglesOf(_windowRotary));
    }

    private Tensor Embed(Tensor ids, Tensor? positions)
    {
        using var scope = NewDisposeScope();
        var flat = ids.flatten();
        var rows = EmbeddingTable.index_select(0, flat).to(ComputeType); // [batch · tokens, hidden]
        if (Embedding.Update is { } update)
        {
            rows = rows.Plus(update.Lookup(flat, ComputeType));
        }

        if (Config.EmbeddingFactor != 1)
        {
            rows *= tensor((float)Config.EmbeddingFactor).to(ComputeType); // the factor is rounded to the compute type, as in training
        }

        if (Training && EmbeddingNoise > 0)
        {
            var most = EmbeddingNoise / Math.Sqrt((double)ids.shape[1] * Config.HiddenSize);
            rows = rows.Plus(rand(rows.shape, dtype: ScalarType.Float32, device: Device).Plus(-0.5).Times(2 * most).to(ComputeType));
        }

        var x = rows.view(ids.shape[0], ids.shape[1], Config.HiddenSize);
        if (_positions is not null)
        {
            var places = (positions ?? arange(ids.shape[1], ScalarType.Int64, Device)).flatten();
            x = x.Plus(
                _positions
                    .index_select(0, places)
                    .to(ComputeType)
                    .view(positions is null ? 1 : ids.shape[0], ids.shape[1], Config.HiddenSize)
            );
        }

        return x.MoveToOuterDisposeScope();
    }
}

/// <summary>Several examples in one row, none of which sees another.</summary>
/// <param name="Positions">Place of each token in its example, <c>[batch · tokens]</c>.</param>
/// <param name="Begins">Column at which each token's example begins, <c>[batch · tokens]</c>.</param>
public sealed record Packing(long[] Positions, int[] Begins);
