using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>
/// A layer of which only the input is kept; the backward pass computes it again (gradient checkpointing, arXiv:1604.06174). The
/// random numbers of the second time are those of the first.
/// </summary>
internal sealed class CheckpointedLayer : autograd.SingleTensorFunction<CheckpointedLayer>
{
    public override string Name => nameof(CheckpointedLayer);

    /// <param name="layer">Run twice.</param>
    /// <param name="x"><c>[batch, tokens, hidden]</c></param>
    /// <param name="pass">For the first time.</param>
    /// <param name="makePass">For the second; an encoder's states are those of the first.</param>
    public static Tensor Run(TransformerLayer layer, Tensor x, ForwardPass pass, Func<ForwardPass> makePass)
    {
        // An input that asks for no gradient would end the backward pass before the layer.
        using var scope = NewDisposeScope();
        var input = x.requires_grad ? x : x.detach().requires_grad_();
        var work = new Work(layer, pass, makePass, randint(long.MaxValue, [1], ScalarType.Int64).item<long>());
        var y = pass.Memory is { } memory ? apply(input, memory.States, work) : apply(input, work);
        return y.MoveToOuterDisposeScope();
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, work) = ((Tensor)vars[0], (Work)vars[^1]);
        ctx.save_for_backward([.. vars.OfType<Tensor>()]);
        ctx.save_data("work", work);
        using var _ = no_grad();
        manual_seed(work.Seed);
        return work.Layer.Forward(x.detach(), work.Pass);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        using var _ = enable_grad();
        var work = (Work)ctx.get_data("work");
        var saved = ctx.get_saved_variables();
        List<Tensor> inputs = [.. saved.Select(tensor => tensor.detach().requires_grad_())];
        var pass = work.MakePass();
        pass = inputs is [_, var states] ? pass with { Memory = pass.Memory! with { States = states } } : pass;
        manual_seed(work.Seed);
        work.Layer.Forward(inputs[0], pass).backward([grad_output]);
        foreach (var tensor in saved)
        {
            tensor.Dispose();
        }

        return [.. inputs.Select(input => input.grad!.MoveToOuterDisposeScope()), null!];
    }

    private sealed record Work(TransformerLayer Layer, ForwardPass Pass, Func<ForwardPass> MakePass, long Seed);
}
