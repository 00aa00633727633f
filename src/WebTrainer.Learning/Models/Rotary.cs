using WebTrainer.Learning.Kernels;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>
/// Rotary position embedding (arXiv:2104.09864): pairs (i, i + d/2) of a head's first d channels turn by position · θ^(-2i/d).
/// </summary>
internal sealed class Rotary
{
    private readonly Tensor _cos, _sin; // [context, d]

    public Rotary(RotaryConfig config, int size, int positions, Device device)
    {
        using var scope = NewDisposeScope();
        var half = size / 2;
        var frequencies = new float[half];
        for (var i = 0; i < half; i++)
        {
            var frequency = 1 / Math.Pow(config.Theta, 2.0 * i / size);
            frequencies[i] = (float)(config.Scaling?.Scale(frequency) ?? frequency);
        }

        var angles = outer(arange(positions, ScalarType.Float32), tensor(frequencies)); // [context, d/2]
        var both = cat([angles, angles], dim: -1);                                      // [context, d]
        _cos = both.cos().to(device).DetachFromDisposeScope();
        _sin = both.sin().to(device).DetachFromDisposeScope();
    }

    public int Positions => (int)_cos.shape[0];

    /// <summary>The angles of positions 0 … tokens-1.</summary>
    public RotaryAngles First(int tokens) => new(_cos[..tokens], _sin[..tokens], Batch: 1);

    /// <param name="positions"><c>[batch, tokens]</c>, int64.</param>
    public RotaryAngles At(Tensor positions)
    {
        var flat = positions.flatten();
        return new(_cos.index_select(0, flat), _sin.index_select(0, flat), positions.shape[0]);
    }
}

/// <summary>Angles for as many positions as were asked for so far.</summary>
internal sealed class RotaryTable(RotaryConfig rotary, ModelConfig config, Device device)
{
    private const int FirstPositions = 512;
    private Rotary? _table;

    /// <summary>The angles of positions 0 … tokens-1.</summary>
    public RotaryAngles First(int tokens)
    {
        if (_table is null || _table.Positions < tokens)
        {
            _table = new Rotary(rotary, config.RotarySize, Math.Max(tokens, Math.Min(config.ContextTokens, FirstPositions)), device);
        }

        return _table.First(tokens);
    }
}

/// <summary>Cosines and sines of the positions of one forward pass, shared by its layers.</summary>
/// <param name="Cos">float32 <c>[batch · tokens, d]</c></param>
/// <param name="Batch">1 where all rows have the same positions.</param>
internal sealed record RotaryAngles(Tensor Cos, Tensor Sin, long Batch)
{
    /// <param name="x"><c>[batch, tokens, heads, head]</c></param>
    public Tensor Rotate(Tensor x)
    {
        var (head, turning) = (x.shape[^1], Cos.shape[1]);
        return turning == head ? Turn(x) : cat([Turn(x.narrow(-1, 0, turning)), x.narrow(-1, turning, head - turning)], dim: -1);
    }

    private Tensor Turn(Tensor x)
    {
        var half = x.shape[^1] / 2;
        if (Kernel.Fits(x, half))
        {
            return RotaryKernel.Apply(x, Cos, Sin);
        }

        var turned = cat([-x.narrow(-1, half, half), x.narrow(-1, 0, half)], dim: -1);
        return (x * Spread(Cos, x)) + (turned * Spread(Sin, x));
    }

    /// <returns><c>[batch or 1, tokens, 1, head]</c> in the type of <paramref name="x"/>.</returns>
    private Tensor Spread(Tensor angles, Tensor x) => angles.to(x.dtype).view(Batch, x.shape[1], 1, x.shape[3]);
}
