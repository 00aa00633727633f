using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Privacy;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>What trainer and adapters need of a classifier.</summary>
public sealed partial class SequenceClassifier : ITunable
{
    /// <inheritdoc/>
    public bool Training { get; set; }

    internal HeadShape Shape => _shape;

    /// <summary>The maps inside the layers; the head learns whole.</summary>
    public IEnumerable<Projection> Projections => LayerProjections;

    /// <summary>Adapters leave an encoder's embeddings as they are.</summary>
    Projection? ITunable.Embedding => null;

    /// <inheritdoc/>
    public string? FindNotFinite(Batch batch)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var index = 0;
        foreach (var state in Encoder.States(batch.Ids, ones_like(batch.Ids)))
        {
            if (!state.isfinite().all().item<bool>())
            {
                return index == 0 ? "embeddings" : $"layer {index} of {Config.Layers}";
            }

            index++;
        }

        return "classification head";
    }

    /// <summary>
    /// Has a new head begin at these scores, whatever the text: what it learns is then what the texts tell, not first how frequent each
    /// label is.
    /// </summary>
    /// <param name="scores">float32 <c>[1, labels]</c>.</param>
    public void BeginAt(Tensor scores)
    {
        using var _ = no_grad();
        HeadParameters[$"{_shape.Output}.bias"].copy_(scores.squeeze(0));
    }

    /// <summary>The head's maps tell from now on what the gradients of single rows are made of.</summary>
    /// <exception cref="Protocol.ModelFileException">The head has a norm that learns, of which that is not known.</exception>
    internal void Record(UnitRecorder recorder)
    {
        if (_shape.Norm is { } norm && HeadParameters.ContainsKey(norm + ".weight"))
        {
            throw new Protocol.ModelFileException(
                "The family's head has a norm that learns, which is not trained privately here: choose the mean of the tokens as the head, or set the privacy budget to 0."
            );
        }

        _recorder = recorder;
    }

    /// <summary>The same classifier with another dropout before its head.</summary>
    public SequenceClassifier WithDropout(double dropout) => new(Encoder, HeadConfig with { Dropout = dropout }, _shape, HeadParameters);

    /// <summary>Another head on the same encoder, new from the seed but for what it shares with the encoder's weights.</summary>
    /// <param name="encoder">Shared; an adapter that is attached to it changes every classifier on it.</param>
    /// <param name="folder">The encoder's folder.</param>
    /// <param name="head">Labels, pooling and what the scores mean.</param>
    /// <param name="seed">Of the new weights.</param>
    /// <exception cref="Protocol.ModelFileException">The family knows no such head.</exception>
    public static SequenceClassifier On(TextEncoder encoder, string folder, HeadConfig head, long seed) =>
        ModelStore.PutHead(encoder, folder, head, seed);
}
