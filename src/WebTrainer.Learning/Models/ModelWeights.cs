using WebTrainer.Learning.Quantization;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>A model's weights by their Hugging Face names.</summary>
/// <param name="Packed">Matrices kept in fewer bits, by the name of the map; they are not among the tensors.</param>
public sealed record ModelWeights(IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, IPackedMatrix> Packed)
{
    public ModelWeights(IReadOnlyDictionary<string, Tensor> tensors)
        : this(tensors, new Dictionary<string, IPackedMatrix>()) { }

    public long ParameterCount =>
        Tensors.Values.Sum(tensor => tensor.NumberOfElements) + Packed.Values.Sum(matrix => matrix.Inputs * matrix.Outputs);

    /// <summary>Bytes the weights take in memory.</summary>
    public long Bytes =>
        Tensors.Values.Sum(tensor => tensor.NumberOfElements * tensor.ElementSize) + Packed.Values.Sum(matrix => matrix.Bytes);

    internal IMatrix Matrix(string name, ModelConfig config) =>
        Packed.TryGetValue(name, out var packed) ? packed : new DenseMatrix(Tensors[name + ".weight"], config.TransposedMaps);
}
