using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>A linear map, <c>y = W·x + b</c>, plus the change of an adapter when one is attached.</summary>
/// <param name="name">Module path as in the checkpoint, without <c>.weight</c>.</param>
/// <param name="matrix">W</param>
/// <param name="bias"><c>[out]</c>; null for none.</param>
public sealed class Projection(string name, IMatrix matrix, Tensor? bias = null)
{
    /// <summary>Module path as in the checkpoint, without <c>.weight</c>.</summary>
    public string Name { get; } = name;

    /// <summary>W, in full or packed; shared by all adapters.</summary>
    public IMatrix Matrix { get; } = matrix;

    /// <summary>b, <c>[out]</c>; null for none. Adapters leave it as it is.</summary>
    public Tensor? Bias { get; } = bias;

    /// <summary>What the attached adapter changes the map by; null where it doesn't.</summary>
    public IWeightUpdate? Update { get; set; }

    /// <param name="x"><c>[…, in]</c></param>
    /// <param name="training">The adapter's dropout is active.</param>
    internal Tensor Forward(Tensor x, bool training)
    {
        var offset = Bias is null ? null : InType(Bias, x.dtype);
        if (Update is null or { OnlyAdds: true })
        {
            var sum = Matrix.Multiply(x, offset); // […, out]
            return Update is null ? sum : Update.Apply(this, x, sum, training);
        }

        var y = Update.Apply(this, x, Matrix.Multiply(x, bias: null), training);
        return offset is null ? y : y.Plus(offset);
    }

    internal static Tensor InType(Tensor tensor, ScalarType type) => tensor.dtype == type ? tensor : tensor.to(type);
}

/// <summary>How an adapter changes a linear map.</summary>
public interface IWeightUpdate : IDisposable
{
    /// <summary>What learns, by the names PEFT gives it behind the map's name.</summary>
    IEnumerable<KeyValuePair<string, Tensor>> Tensors { get; }

    /// <summary>What a file of the adapter holds; more than what learns where the change begins elsewhere than at zero.</summary>
    IEnumerable<KeyValuePair<string, Tensor>> Saved => Tensors;

    /// <summary>The change is a term of its own: the bias may be in what it is added to.</summary>
    bool OnlyAdds => false;

    /// <param name="projection">The map that is changed, for its weight.</param>
    /// <param name="x"><c>[…, in]</c></param>
    /// <param name="y">What the unchanged map gives, <c>[…, out]</c>; without bias unless the change only adds.</param>
    /// <param name="training">Dropout is active.</param>
    /// <returns>What the changed map gives, with bias if y had it.</returns>
    Tensor Apply(Projection projection, Tensor x, Tensor y, bool training);

    /// <summary>The change of an embedding's rows.</summary>
    /// <param name="ids">int64 <c>[n]</c></param>
    /// <param name="type">Of the result.</param>
    /// <returns><c>[n, width]</c></returns>
    /// <exception cref="NotSupportedException">The method has none for embeddings.</exception>
    Tensor Lookup(Tensor ids, ScalarType type);

    /// <summary>The changed weight.</summary>
    /// <param name="weight">float32 <c>[out, in]</c></param>
    Tensor Merge(Tensor weight);
}
