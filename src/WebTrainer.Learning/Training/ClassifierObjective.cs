using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>Loss of the labels where encoder and head learn: each pass runs the encoder.</summary>
public sealed class ClassifierObjective(SequenceClassifier model, ClassificationLoss loss) : IObjective
{
    /// <summary>The weight of the row's label where it is sure, else 1.</summary>
    public double Count(TokenRow row) => loss.Count(row.Target!);

    /// <inheritdoc/>
    public Tensor Share(Batch batch, double divisor)
    {
        using var scope = NewDisposeScope();
        var scores = model.Forward(batch.Ids, EncoderBatch.MaskOf(batch), EncoderBatch.TypesOf(batch), model.Training); // [rows, labels]
        return loss.OfRows(scores, [.. batch.Rows.Select(row => row.Target!)]).sum().Times(1 / divisor).MoveToOuterDisposeScope();
    }
}

/// <summary>Loss of the labels where the layers stay as they are: what the head begins from is computed once for all rows.</summary>
/// <param name="model">Only its head learns.</param>
/// <param name="loss">Of the labels.</param>
/// <param name="vectors">What the head begins from, <c>[rows, hidden]</c>.</param>
/// <param name="places">Row of <paramref name="vectors"/> by the row's id.</param>
public sealed class HeadObjective(
    SequenceClassifier model,
    ClassificationLoss loss,
    Tensor vectors,
    IReadOnlyDictionary<string, int> places
) : IObjective
{
    /// <summary>The weight of the row's label where it is sure, else 1.</summary>
    public double Count(TokenRow row) => loss.Count(row.Target!);

    /// <inheritdoc/>
    public Tensor Share(Batch batch, double divisor)
    {
        using var scope = NewDisposeScope();
        var rows = tensor(batch.Rows.Select(row => (long)places[row.Id]).ToArray(), device: vectors.device);
        var scores = model.Classify(vectors.index_select(0, rows), model.Training); // [rows, labels]
        return loss.OfRows(scores, [.. batch.Rows.Select(row => row.Target!)]).sum().Times(1 / divisor).MoveToOuterDisposeScope();
    }
}
