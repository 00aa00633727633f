using WebTrainer.Learning.Quantization;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>A model's weights by their Hugging Face names.</summary>
/// <param name="Tensors">All others, by the names in the checkpoint.</param>
/// <param name="Packed">Matrices kept in fewer bits, by the name of the map; they are not among the tensors.</param>
public sealed record ModelWeights(IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, IPackedMatrix> Packed)
{
    /// <summary>Weights none of which is packed.</summary>
    public ModelWeights(IReadOnlyDictionary<string, Tensor> tensors)
        : this(tensors, new Dictionary<string, IPackedMatrix>()) { }

    /// <summary>Numbers among the weights, of packed matrices as many as they had before.</summary>
    public long ParameterCount =>
        Tensors.Values.Sum(tensor => tensor.NumberOfElements) + Packed.Values.Sum(matrix => matrix.Inputs * matrix.Outputs);

    /// <summary>Bytes that the weights take in memory, in the types in which they are kept; packed ones with their scales.</summary>
    public long Bytes =>
        Tensors.Values.Sum(tensor => tensor.NumberOfElements * tensor.ElementSize) + Packed.Values.Sum(matrix => matrix.Bytes);

    /// <summary>Gives the tensors' memory back; whatever was made of them can't be used any more.</summary>
    internal void Release()
    {
        foreach (var tensor in Tensors.Values)
        {
            tensor.Dispose();
        }
    }

    internal IMatrix Matrix(string name, ModelConfig config) =>
        Packed.TryGetValue(name, out var packed) ? packed : new DenseMatrix(Tensors[name + ".weight"], config.TransposedMaps);
}
