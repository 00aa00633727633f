using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Adapters;

/// <summary>A map that was trained and saved whole beside the adapter (PEFT's <c>modules_to_save</c>): it takes the base's place.</summary>
/// <param name="Weight">float32 <c>[out, in]</c></param>
/// <param name="Base">The base's own, for what an embedding's rows change by.</param>
public sealed record WholeUpdate(Tensor Weight, IMatrix Base) : IWeightUpdate
{
    public IEnumerable<KeyValuePair<string, Tensor>> Tensors => [new("weight", Weight)];

    public Tensor Apply(Projection projection, Tensor x, Tensor y, bool training) =>
        nn.functional.linear(x, Projection.InType(Weight, x.dtype));

    public Tensor Lookup(Tensor ids, ScalarType type)
    {
        var table = ((DenseMatrix)Base).Weight;
        return Weight.index_select(0, ids).sub(table.index_select(0, ids).to(ScalarType.Float32)).to(type);
    }

    public Tensor Merge(Tensor weight) => Weight.alias();

    public void Dispose() => Weight.Dispose();
}
