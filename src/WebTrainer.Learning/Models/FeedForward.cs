using WebTrainer.Learning.Kernels;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>The part of a layer that works on each token alone: <c>y = W_down act(W_up·x)</c>, or gated (arXiv:2002.05202) <c>y = W_down (act(W_gate·x) ⊙ W_up·x)</c>.</summary>
internal sealed class FeedForward(ActivationKind activation, Projection? gate, Projection up, Projection down)
{
    public IEnumerable<Projection> Projections => gate is null ? [up, down] : [gate, up, down];

    public Tensor Forward(Tensor x, bool training)
    {
        using var scope = NewDisposeScope();
        var inner = up.Forward(x, training); // [batch, tokens, intermediate]
        inner = gate is null ? Activate(inner) : Gate(gate.Forward(x, training), inner);
        return down.Forward(inner, training).MoveToOuterDisposeScope();
    }

    private Tensor Gate(Tensor a, Tensor b) =>
        activation == ActivationKind.Silu && Kernel.Fits(a, a.NumberOfElements) ? SwiGluKernel.Apply(a, b) : Activate(a) * b;

    private Tensor Activate(Tensor x) => activation switch
    {
        ActivationKind.Silu => nn.functional.silu(x),
        ActivationKind.Gelu => nn.functional.gelu(x),
        ActivationKind.GeluTanh => GeluTanh(x),
        ActivationKind.Relu => nn.functional.relu(x),
        _ => throw new InvalidOperationException($"Unknown activation {activation}."),
    };

    /// <summary><c>x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³)))</c> (arXiv:1606.08415).</summary>
    private static Tensor GeluTanh(Tensor x) => x.Times(0.5) * x.Plus((x * x * x).Times(0.044715)).Times(Math.Sqrt(2 / Math.PI)).tanh().Plus(1);
}
