using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>Layers one after the other, and the norm behind the last.</summary>
/// <param name="layers">Run in this order.</param>
/// <param name="norm">Null where there is none.</param>
internal sealed class LayerStack(TransformerLayer[] layers, Norm? norm)
{
    public IReadOnlyList<TransformerLayer> Layers => layers;

    public IEnumerable<Projection> Projections => layers.SelectMany(layer => layer.Projections);

    public IEnumerable<Projection> StackedProjections => layers.SelectMany(layer => layer.StackedProjections);

    /// <param name="x"><c>[batch, tokens, hidden]</c>; given up.</param>
    /// <param name="makePass">Makes what the layers share; when a layer is computed again, its tensors are long gone.</param>
    /// <param name="checkpointing">Layers are computed again in the backward pass.</param>
    /// <returns>As x, owned by the scope of the caller.</returns>
    public Tensor Run(Tensor x, Func<ForwardPass> makePass, bool checkpointing)
    {
        var pass = makePass();
        var again = checkpointing && is_grad_enabled();
        foreach (var layer in layers)
        {
            var next = again ? CheckpointedLayer.Run(layer, x, pass, makePass) : layer.Forward(x, pass);
            x.Dispose();
            x = next;
        }

        return norm is null ? x : norm.Forward(x);
    }

    /// <summary>What stands between the parts: what comes in, then the output of each layer; the last one's is normalised.</summary>
    /// <returns><c>[batch, tokens, hidden]</c> each, owned by the scope of the caller.</returns>
    public IEnumerable<Tensor> States(Tensor x, ForwardPass pass)
    {
        yield return x;
        for (var i = 0; i < layers.Length; i++)
        {
            x = layers[i].Forward(x, pass);
            yield return i == layers.Length - 1 && norm is not null ? norm.Forward(x) : x;
        }
    }
}
