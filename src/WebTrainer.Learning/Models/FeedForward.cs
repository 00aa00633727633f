using WebTrainer.Learning.Kernels;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>SwiGLU (arXiv:2002.05202): <c>y = W_down (silu(W_gate·x) ⊙ W_up·x)</c>.</summary>
internal sealed class FeedForward(Projection gate, Projection up, Projection down)
{
    public IEnumerable<Projection> Projections => [gate, up, down];

    public Tensor Forward(Tensor x, bool training)
    {
        using var scope = NewDisposeScope();
        var inner = Gate(gate.Forward(x, training), up.Forward(x, training)); // [batch, tokens, intermediate]
        return down.Forward(inner, training).MoveToOuterDisposeScope();
    }

    private static Tensor Gate(Tensor a, Tensor b) =>
        Kernel.Fits(a, a.NumberOfElements) ? SwiGluKernel.Apply(a, b) : nn.functional.silu(a) * b;
}
