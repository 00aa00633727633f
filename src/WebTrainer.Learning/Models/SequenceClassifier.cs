using WebTrainer.Learning.Privacy;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>An encoder with a head that gives each text (or pair) a score for each label.</summary>
public sealed partial class SequenceClassifier
{
    private readonly HeadShape _shape;
    private UnitRecorder? _recorder;

    /// <param name="encoder">Shared where several classifiers stand on it.</param>
    /// <param name="config">What the head is.</param>
    /// <param name="shape">Its parts and their names.</param>
    /// <param name="head">float32, by name; what of the shape is missing here is among the encoder's weights.</param>
    internal SequenceClassifier(TextEncoder encoder, HeadConfig config, HeadShape shape, IReadOnlyDictionary<string, Tensor> head)
    {
        (Encoder, HeadConfig, _shape, HeadParameters) = (encoder, config, shape, head);
    }

    /// <summary>The encoder's sizes and shape; the head's stand in <see cref="HeadConfig"/>.</summary>
    public ModelConfig Config => Encoder.Config;

    /// <summary>Makes the states that the head begins from; may be shared with other classifiers.</summary>
    public TextEncoder Encoder { get; }

    /// <summary>Labels, pooling, what the scores mean, and the dropout.</summary>
    public HeadConfig HeadConfig { get; }

    /// <summary>The encoder's, with BERT's pooler if the head begins with it and the checkpoint had it.</summary>
    public ModelWeights Weights => Encoder.Weights;

    /// <summary>
    /// What learns beside an adapter (PEFT's <c>modules_to_save</c>), float32, by the names in the checkpoint, such as
    /// "classifier.weight".
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> HeadParameters { get; }

    /// <summary>The modules of the head as <c>modules_to_save</c> names them, such as "classifier".</summary>
    public IEnumerable<string> HeadModules =>
        HeadParameters
            .Keys.Select(name => name.Split('.'))
            .Select(parts => parts[^2] is "dense" or "out_proj" or "norm" ? parts[^3] : parts[^2])
            .Distinct();

    /// <summary>Encoder and head, by the names in the checkpoint.</summary>
    public IReadOnlyDictionary<string, Tensor> Parameters => Weights.Tensors.Concat(HeadParameters).ToDictionary();

    /// <summary>Numbers among the weights of encoder and head.</summary>
    public long ParameterCount => Encoder.ParameterCount + HeadParameters.Values.Sum(tensor => tensor.NumberOfElements);

    /// <summary>Where the encoder's weights lie, and the head's.</summary>
    public Device Device => Encoder.Device;

    /// <summary>The linear maps inside the layers, which an adapter can change, by the names in the checkpoint.</summary>
    public IEnumerable<Projection> LayerProjections => Encoder.LayerProjections;

    /// <summary>Compute each layer again in the backward pass instead of keeping what is inside it.</summary>
    public bool Checkpointing
    {
        get => Encoder.Checkpointing;
        set => Encoder.Checkpointing = value;
    }

    /// <summary>What the head begins from; it stays the same while only the head learns.</summary>
    /// <param name="ids"><c>[batch, tokens]</c>, int64, padded on the right.</param>
    /// <param name="mask"><c>[batch, tokens]</c>, 1 for tokens and 0 for padding.</param>
    /// <param name="types">Sentence of each token, <c>[batch, tokens]</c>; null where there is only one.</param>
    /// <param name="training">Dropout is active: an adapter's, and the encoder's own.</param>
    /// <returns>float32 <c>[batch, hidden]</c>, owned by the caller.</returns>
    public Tensor Pool(Tensor ids, Tensor mask, Tensor? types, bool training)
    {
        using var scope = NewDisposeScope();
        return TextEncoder.Pool(Encoder.Forward(ids, mask, types, training), mask, HeadConfig.Pooling).MoveToOuterDisposeScope();
    }

    /// <param name="pooled">From <see cref="Pool"/>.</param>
    /// <param name="training">The head's dropout is active.</param>
    /// <returns>float32 scores <c>[batch, labels]</c>, owned by the caller.</returns>
    public Tensor Classify(Tensor pooled, bool training)
    {
        using var scope = NewDisposeScope();
        var x = _shape.DropsInput ? Dropped(pooled, training) : pooled;
        if (_shape.Dense is { } dense)
        {
            x = Activation.Of(_shape.Activation, Linear(x, dense));
            x = _shape.Norm is { } norm ? new LayerNorm(Find(norm + ".weight")!, Find(norm + ".bias"), Config.NormEpsilon).Forward(x) : x;
            x = Dropped(x, training);
        }

        return Linear(x, _shape.Output).MoveToOuterDisposeScope();
    }

    /// <returns>float32 scores <c>[batch, labels]</c>, owned by the caller.</returns>
    public Tensor Forward(Tensor ids, Tensor mask, Tensor? types, bool training)
    {
        using var scope = NewDisposeScope();
        return Classify(Pool(ids, mask, types, training), training).MoveToOuterDisposeScope();
    }

    /// <summary>The same classifier over changed weights of its encoder.</summary>
    internal SequenceClassifier With(ModelWeights weights) =>
        new(new(Config, weights, Encoder.ComputeType), HeadConfig, _shape, HeadParameters);

    private Tensor Dropped(Tensor x, bool training) =>
        training && HeadConfig.Dropout > 0 ? nn.functional.dropout(x, HeadConfig.Dropout) : x;

    private Tensor Linear(Tensor x, string name) =>
        _recorder is not null && is_grad_enabled() && HeadParameters.TryGetValue(name + ".weight", out var learned)
            ? RecordedHeadMap.Apply(x, learned, HeadParameters[name + ".bias"], _recorder)
            : nn.functional.linear(x, Find(name + ".weight")!, Find(name + ".bias")!);

    private Tensor? Find(string name) =>
        (HeadParameters.GetValueOrDefault(name) ?? Weights.Tensors.GetValueOrDefault(name)) is { } tensor
            ? Projection.InType(tensor, ScalarType.Float32)
            : null;
}
