using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Adapters;

/// <summary>
/// Writes the changes of an adapter into the weights: <c>W' = W + ΔW</c>, so that the model runs without it and as fast as the base.
/// </summary>
public static class AdapterMerge
{
    /// <param name="model">With dense weights.</param>
    /// <param name="adapter">Made for this model; it stays as it is.</param>
    /// <returns>All weights by their Hugging Face names, float32 where they were changed, owned by the caller; and whether a head that was
    /// tied to the embedding has become its own.</returns>
    public static (IReadOnlyDictionary<string, Tensor> Weights, bool Untied) Merge(ILanguageModel model, LoraAdapter adapter)
    {
        var weights = Merge(model, model.Weights.Tensors, adapter);
        // A tied embedding and head that were changed apart can't share their weights any more.
        if (
            model is CausalLM { Config.TiedHead: true } decoder
            && (adapter.Updates.ContainsKey(decoder.Head.Name) || adapter.Updates.ContainsKey(decoder.Embedding.Name))
        )
        {
            weights.TryAdd(decoder.Head.Name + ".weight", decoder.EmbeddingTable);
            return (weights, true);
        }

        return (weights, false);
    }

    /// <param name="model">With dense weights.</param>
    /// <param name="adapter">Changes of the encoder's maps; the head is taken from the model.</param>
    /// <returns>Encoder and head by their Hugging Face names, owned by the caller where they were changed.</returns>
    public static IReadOnlyDictionary<string, Tensor> Merge(SequenceClassifier model, LoraAdapter adapter) =>
        Merge(model, model.Parameters, adapter);

    private static Dictionary<string, Tensor> Merge(ITunable model, IReadOnlyDictionary<string, Tensor> parameters, LoraAdapter adapter)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var weights = parameters.ToDictionary();
        foreach (var projection in model.Projections)
        {
            if (adapter.Updates.GetValueOrDefault(projection.Name) is { } update)
            {
                weights[projection.Name + ".weight"] = Merged(projection, update).MoveToOuterDisposeScope();
            }
        }

        MergeStacked(model, weights, adapter);
        return weights;
    }

    private static void MergeStacked(ITunable model, Dictionary<string, Tensor> weights, LoraAdapter adapter)
    {
        var changed = new HashSet<string>();
        foreach (var projection in model.StackedProjections)
        {
            if (adapter.Updates.GetValueOrDefault(projection.Name) is not { } update)
            {
                continue;
            }

            var matrix = (StackedMatrix)projection.Matrix;
            if (changed.Add(matrix.Name))
            {
                weights[matrix.Name] = weights[matrix.Name].detach().to(ScalarType.Float32, copy: true).MoveToOuterDisposeScope();
            }

            weights[matrix.Name].select(0, matrix.Index).copy_(Merged(projection, update).t());
        }
    }

    /// <returns>The map's weight as its checkpoint has it, with the change, float32.</returns>
    internal static Tensor Merged(Projection projection, IWeightUpdate update)
    {
        var merged = update.Merge(projection.Matrix.ToDense().to(ScalarType.Float32));
        return projection.Matrix is DenseMatrix { Transposed: true } ? merged.t().contiguous() : merged;
    }
}
