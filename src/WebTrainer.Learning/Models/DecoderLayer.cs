using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>Pre-norm residual block: <c>h = x + attention(norm(x))</c>, <c>y = h + feedForward(norm(h))</c>.</summary>
internal sealed class DecoderLayer(RmsNorm inputNorm, Attention attention, RmsNorm innerNorm, FeedForward feedForward)
{
    public IEnumerable<Projection> Projections => attention.Projections.Concat(feedForward.Projections);

    /// <param name="x"><c>[batch, tokens, hidden]</c></param>
    public Tensor Forward(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var h = x + attention.Forward(inputNorm.Forward(x), pass);
        return (h + feedForward.Forward(innerNorm.Forward(h), pass.Training)).MoveToOuterDisposeScope();
    }
}
