using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>A linear map, <c>y = W·x + b</c>, plus the change of an adapter when one is attached.</summary>
/// <param name="bias"><c>[out]</c>; null for none.</param>
public sealed class Projection(string name, IMatrix matrix, Tensor? bias = null)
{
    /// <summary>Module path as in the checkpoint, without <c>.weight</c>.</summary>
    public string Name { get; } = name;

    public IMatrix Matrix { get; } = matrix;

    public Tensor? Bias { get; } = bias;

    public IWeightUpdate? Update { get; set; }

    /// <param name="x"><c>[…, in]</c></param>
    internal Tensor Forward(Tensor x, bool training)
    {
        var y = Matrix.Multiply(x); // […, out]
        y = Update is null ? y : Update.Apply(this, x, y, training);
        return Bias is null ? y : y.Plus(InType(Bias, x.dtype));
    }

    internal static Tensor InType(Tensor tensor, ScalarType type) => tensor.dtype == type ? tensor : tensor.to(type);
}

/// <summary>How an adapter changes a linear map.</summary>
public interface IWeightUpdate : IDisposable
{
    /// <summary>What learns, by the names PEFT gives it behind the map's name.</summary>
    IEnumerable<KeyValuePair<string, Tensor>> Tensors { get; }

    /// <param name="x"><c>[…, in]</c></param>
    /// <param name="y">What the unchanged map gives, without bias, <c>[…, out]</c>.</param>
    /// <returns>What the changed map gives, without bias.</returns>
    Tensor Apply(Projection projection, Tensor x, Tensor y, bool training);

    /// <summary>The change of an embedding's rows.</summary>
    /// <param name="ids">int64 <c>[n]</c></param>
    /// <returns><c>[n, width]</c></returns>
    /// <exception cref="NotSupportedException">The method has none for embeddings.</exception>
    Tensor Lookup(Tensor ids, ScalarType type);

    /// <summary>The changed weight.</summary>
    /// <param name="weight">float32 <c>[out, in]</c></param>
    Tensor Merge(Tensor weight);
}
