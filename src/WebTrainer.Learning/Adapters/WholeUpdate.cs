using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Adapters;

/// <summary>A map that was trained and saved whole beside the adapter (PEFT's <c>modules_to_save</c>): it takes the base's place.</summary>
/// <param name="Weight">float32 <c>[out, in]</c></param>
/// <param name="Base">The base's own, for what an embedding's rows change by.</param>
public sealed record WholeUpdate(Tensor Weight, IMatrix Base) : IWeightUpdate
{
    /// <summary>The whole weight, by PEFT's name <c>weight</c>.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Tensors => [new("weight", Weight)];

    /// <summary>The saved weight times x, in the type of x; what the base gives is left out.</summary>
    public Tensor Apply(Projection projection, Tensor x, Tensor y, bool training) =>
        nn.functional.linear(x, Projection.InType(Weight, x.dtype));

    /// <inheritdoc/>
    /// <exception cref="InvalidCastException">The base's table is kept in fewer bits.</exception>
    public Tensor Lookup(Tensor ids, ScalarType type)
    {
        var table = ((DenseMatrix)Base).Weight;
        return Weight.index_select(0, ids).sub(table.index_select(0, ids).to(ScalarType.Float32)).to(type);
    }

    /// <summary>The saved weight itself, a second handle on the same memory.</summary>
    public Tensor Merge(Tensor weight) => Weight.alias();

    /// <summary>Frees the saved weight; the base's is not this object's.</summary>
    public void Dispose() => Weight.Dispose();
}
