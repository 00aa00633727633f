using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>
/// A linear map without bias, <c>y = W·x</c>, plus a low-rank update when an adapter is attached. The weight may be kept in a
/// wider type than it is used in: it is cast in the forward pass, so its gradient arrives in the wide type.
/// </summary>
public sealed class Projection(string name, Tensor weight)
{
    /// <summary>Module path as in the checkpoint, without <c>.weight</c>.</summary>
    public string Name { get; } = name;

    /// <summary><c>[out, in]</c></summary>
    public Tensor Weight { get; } = weight;

    public LowRankUpdate? Update { get; set; }

    /// <param name="x"><c>[…, in]</c></param>
    internal Tensor Forward(Tensor x, bool training)
    {
        var y = nn.functional.linear(x, InType(Weight, x.dtype)); // […, out]
        return Update is null ? y : y + Update.Forward(x, training);
    }

    internal static Tensor InType(Tensor tensor, ScalarType type) => tensor.dtype == type ? tensor : tensor.to(type);
}
