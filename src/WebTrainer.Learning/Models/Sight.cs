using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>
/// Which columns each token sees. Without a cache it is a span that ends at the token itself, so only its begin is kept: 0 for
/// plain causal attention, later with a window or where rows are packed. Otherwise it is an additive mask.
/// </summary>
/// <param name="Begin">First column that each token sees, <c>[batch or 1, tokens]</c>; null for 0 everywhere.</param>
/// <param name="Mask">Additive <c>[batch or 1, heads or 1, tokens or 1, columns]</c>, 0 or -∞ plus learned offsets; null for spans.</param>
/// <param name="BothWays">Where there is no mask: everything is seen.</param>
internal sealed record Sight(int[]? Begin, Tensor? Mask, bool BothWays = false)
{
    public static Sight Everything { get; } = new(null, null, BothWays: true);

    public static Sight Causal { get; } = new(null, null);

    public static Sight Of(Tensor mask) => new(null, mask);

    /// <summary>Spans no longer than the window.</summary>
    public Sight Within(int window, int tokens)
    {
        if (tokens <= window)
        {
            return this;
        }

        var begin = new int[Begin?.Length ?? tokens];
        for (var i = 0; i < begin.Length; i++)
        {
            begin[i] = Math.Max(Begin?[i] ?? 0, (i % tokens) - window + 1);
        }

        return new(begin, null);
    }

    /// <summary>The spans as an additive mask <c>[batch or 1, 1, tokens, tokens]</c>.</summary>
    public Tensor ToMask(int tokens, ScalarType type, Device device)
    {
        using var scope = NewDisposeScope();
        var columns = arange(tokens, ScalarType.Int32, device);
        var own = columns.view(1, 1, tokens, 1);
        var begin = Begin is null ? zeros_like(own) : tensor(Begin, device: device).view(-1, 1, tokens, 1);
        return Additive((columns >= begin).logical_and(columns <= own), type).MoveToOuterDisposeScope();
    }

    /// <param name="visible">bool, any shape</param>
    public static Tensor Additive(Tensor visible, ScalarType type) =>
        zeros(visible.shape, type, visible.device).masked_fill_(visible.logical_not(), float.NegativeInfinity);
}
