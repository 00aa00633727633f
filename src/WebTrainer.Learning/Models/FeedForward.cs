using WebTrainer.Learning.Kernels;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>The part of a layer that works on each token alone.</summary>
internal interface IFeedForward
{
    IEnumerable<Projection> Projections { get; }

    /// <summary>As <see cref="ITunable.StackedProjections"/>.</summary>
    IEnumerable<Projection> StackedProjections => [];

    /// <param name="x"><c>[…, hidden]</c></param>
    /// <param name="training">An adapter's dropout is active.</param>
    /// <returns>As x.</returns>
    Tensor Forward(Tensor x, bool training);
}

/// <summary><c>y = W_down act(W_up·x)</c>, or gated (arXiv:2002.05202) <c>y = W_down (act(W_gate·x) ⊙ W_up·x)</c>.</summary>
/// <param name="activation">act</param>
/// <param name="gate">W_gate; null where nothing is gated, or where W_up gives both.</param>
/// <param name="up">W_up</param>
/// <param name="down">W_down</param>
/// <param name="joined">W_up gives both, first what is to be activated.</param>
internal sealed class FeedForward(ActivationKind activation, Projection? gate, Projection up, Projection down, bool joined = false)
    : IFeedForward
{
    public IEnumerable<Projection> Projections => gate is null ? [up, down] : [gate, up, down];

    public Tensor Forward(Tensor x, bool training)
    {
        using var scope = NewDisposeScope();
        var inner = up.Forward(x, training); // [batch, tokens, intermediate]
        inner =
            joined ? GateHalves(inner)
            : gate is null ? Activation.Of(activation, inner)
            : Gate(gate.Forward(x, training), inner);
        return down.Forward(inner, training).MoveToOuterDisposeScope();
    }

    private Tensor Gate(Tensor a, Tensor b) =>
        activation == ActivationKind.Silu && Kernel.Fits(a, a.NumberOfElements)
            ? SwiGluKernel.Apply(a, b)
            : Activation.Of(activation, a) * b;

    private Tensor GateHalves(Tensor both)
    {
        var halves = both.chunk(2, dim: -1);
        return Gate(halves[0], halves[1]);
    }
}

internal static class Activation
{
    public static Tensor Of(ActivationKind kind, Tensor x) =>
        kind switch
        {
            ActivationKind.Silu => nn.functional.silu(x),
            ActivationKind.Gelu => Kernel.Fits(x, x.NumberOfElements) ? GeluKernel.Apply(x) : nn.functional.gelu(x),
            ActivationKind.GeluTanh => GeluTanh(x),
            ActivationKind.Relu => nn.functional.relu(x),
            ActivationKind.Tanh => x.tanh(),
            _ => throw new InvalidOperationException($"Unknown activation {kind}."),
        };

    /// <summary><c>x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³)))</c> (arXiv:1606.08415).</summary>
    private static Tensor GeluTanh(Tensor x) =>
        x.Times(0.5) * x.Plus((x * x * x).Times(0.044715)).Times(Math.Sqrt(2 / Math.PI)).tanh().Plus(1);
}
