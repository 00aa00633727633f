using WebTrainer.Learning.Models;
using WebTrainer.Protocol;

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
    /// <returns>The model with packed weights, or the model itself at full precision; a packed one's original must not be used any more.</returns>
    /// <exception cref="ModelFileException">A matrix doesn't fill whole blocks.</exception>
    public static CausalLM Pack(CausalLM model, WeightPrecision precision) => precision switch
    {
        WeightPrecision.Full => model,
        WeightPrecision.EightBits => Pack(model, Int8Matrix.Pack),
        WeightPrecision.FourBits => Pack(model, weight => Nf4Matrix.Pack(weight, doubleQuantisation: true)),
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "Unknown precision."),
    };

    internal static CausalLM Pack(CausalLM model, Func<TorchSharp.torch.Tensor, IPackedMatrix> pack)
    {
        var tensors = model.Parameters.ToDictionary();
        var packed = new Dictionary<string, IPackedMatrix>();
        foreach (var projection in model.LayerProjections)
        {
            using var dense = projection.Matrix.ToDense();
            packed[projection.Name] = pack(dense);
            tensors.Remove(projection.Name + ".weight", out var wide);
            wide?.Dispose();
        }

        return new CausalLM(model.Config, new ModelWeights(tensors, packed), model.ComputeType);
    }
}
