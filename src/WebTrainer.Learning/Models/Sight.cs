using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>
/// Which columns each token sees. Without a cache it is a span that ends at the token itself, so only its begin is kept: 0 for
/// plain causal attention, later with a window or where rows are packed. Otherwise it is an additive mask.
/// </summary>
/// <param name="Begin">First column that each token sees, <c>[batch or 1, tokens]</c>; null for 0 everywhere.</param>
/// <param name="Mask">Additive <c>[batch or 1, heads or 1, tokens or 1, columns]</c>, 0 or -∞ plus learned offsets; null for spans.</param>
/// <param name="Reach">What an encoder's tokens see, for the kernel that needs no mask.</param>
/// <param name="BothWays">Where there is neither: everything is seen.</param>
internal sealed record Sight(int[]? Begin, Tensor? Mask, Reach? Reach = null, bool BothWays = false)
{
    public static Sight Everything { get; } = new(null, null, BothWays: true);

    public static Sight Of(Reach reach) => new(null, null, reach, BothWays: true);

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
    /// <param name="type">Of the mask.</param>
    public static Tensor Additive(Tensor visible, ScalarType type) =>
        zeros(visible.shape, type, visible.device).masked_fill_(visible.logical_not(), float.NegativeInfinity);
}

/// <summary>In an encoder each token sees its whole text or a window to both sides, and no padding.</summary>
/// <param name="Lengths">Tokens of each row, which stand at its begin.</param>
/// <param name="Side">How far a token sees to either side; null where it sees all.</param>
internal sealed record Reach(int[] Lengths, int? Side)
{
    /// <returns>Null where padding does not only stand behind the texts.</returns>
    public static int[]? LengthsOf(Tensor mask)
    {
        var (rows, tokens) = ((int)mask.shape[0], (int)mask.shape[1]);
        using var flat = mask.to(ScalarType.Bool).cpu().contiguous();
        var seen = flat.data<bool>().ToArray();
        var lengths = new int[rows];
        for (var row = 0; row < rows; row++)
        {
            var own = seen.AsSpan(row * tokens, tokens);
            var length = own.IndexOf(false) is var first && first < 0 ? tokens : first;
            if (length == 0 || own[length..].Contains(true))
            {
                return null;
            }

            lengths[row] = length;
        }

        return lengths;
    }
}
