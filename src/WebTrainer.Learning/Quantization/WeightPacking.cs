using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Quantization;

/// <summary>A matrix in fewer bits than its values were computed in.</summary>
public interface IPackedMatrix : IMatrix
{
    /// <summary>What it takes in memory.</summary>
    long Bytes { get; }
}

/// <summary>Packs the linear maps inside a model's layers; embedding, head, norms and biases stay as they are, as in QLoRA.</summary>
public static class WeightPacking
{
    /// <summary>Frees the wide weights one by one, so that both forms never exist of more than one matrix.</summary>
    /// <returns>The model with packed weights, or the model itself at full precision; a packed one's original must not be used any
    /// more.</returns>
    /// <exception cref="ModelFileException">A matrix doesn't fill whole blocks.</exception>
    public static CausalLM Pack(CausalLM model, WeightPrecision precision) => PackerOf(precision) is { } pack ? Pack(model, pack) : model;

    /// <inheritdoc cref="Pack(CausalLM, WeightPrecision)"/>
    public static SequenceClassifier Pack(SequenceClassifier model, WeightPrecision precision) =>
        PackerOf(precision) is { } pack ? model.With(Pack(model.Weights, model.LayerProjections, pack)) : model;

    /// <inheritdoc cref="Pack(CausalLM, WeightPrecision)"/>
    public static TextEncoder Pack(TextEncoder model, WeightPrecision precision) =>
        PackerOf(precision) is { } pack ? new(model.Config, Pack(model.Weights, model.LayerProjections, pack), model.ComputeType) : model;

    /// <inheritdoc cref="Pack(CausalLM, WeightPrecision)"/>
    public static SequenceToSequenceLM Pack(SequenceToSequenceLM model, WeightPrecision precision) =>
        PackerOf(precision) is { } pack ? new(model.Config, Pack(model.Weights, model.LayerProjections, pack), model.ComputeType) : model;

    internal static CausalLM Pack(CausalLM model, Func<Tensor, IPackedMatrix> pack) =>
        new(model.Config, Pack(model.Weights, model.LayerProjections, pack), model.ComputeType);

    private static Func<Tensor, IPackedMatrix>? PackerOf(WeightPrecision precision) =>
        precision switch
        {
            WeightPrecision.Full => null,
            WeightPrecision.EightBits => Int8Matrix.Pack,
            WeightPrecision.FourBits => weight => Nf4Matrix.Pack(weight, doubleQuantisation: true),
            _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "Unknown precision."),
        };

    private static ModelWeights Pack(ModelWeights weights, IEnumerable<Projection> maps, Func<Tensor, IPackedMatrix> pack)
    {
        var tensors = weights.Tensors.ToDictionary();
        var packed = new Dictionary<string, IPackedMatrix>();
        foreach (var projection in maps)
        {
            using var dense = projection.Matrix.ToDense();
            packed[projection.Name] = pack(dense);
            tensors.Remove(projection.Name + ".weight", out var wide);
            wide?.Dispose();
        }

        return new ModelWeights(tensors, packed);
    }
}
