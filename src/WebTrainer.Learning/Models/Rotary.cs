using WebTrainer.Learning.Kernels;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>
/// Rotary position embedding (arXiv:2104.09864): pairs (i, i + d/2) of a head's first d channels turn by position · θ^(-2i/d), or as a
/// <see cref="RotaryScaling"/> says.
/// </summary>
internal sealed class Rotary
{
    private readonly Tensor _cos,
        _sin; // [positions, d]

    /// <param name="config">Rate and scaling.</param>
    /// <param name="size">Channels that turn, d.</param>
    /// <param name="positions">How many, from 0.</param>
    /// <param name="device">Holds cosines and sines.</param>
    /// <param name="stage">See <see cref="RotaryScaling.StageOf"/>.</param>
    public Rotary(RotaryConfig config, int size, int positions, Device device, int stage = 0)
    {
        using var scope = NewDisposeScope();
        var frequencies = config.Scaling?.Frequencies(config.Theta, size, stage) ?? RotaryScaling.Plain(config.Theta, size);
        // [positions, d/2]
        var angles = outer(arange(positions, ScalarType.Float32), tensor(frequencies.Select(frequency => (float)frequency).ToArray()));
        var both = cat([angles, angles], dim: -1); // [positions, d]
        var magnitude = config.Scaling?.Magnitude ?? 1;
        _cos = both.cos().Times(magnitude).to(device).DetachFromDisposeScope();
        _sin = both.sin().Times(magnitude).to(device).DetachFromDisposeScope();
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
    private Rotary? _table,
        _staged; // of stage 0, and of the last other one
    private int _stage;

    /// <summary>The angles of positions 0 … tokens-1 of texts of so many tokens.</summary>
    public RotaryAngles First(int tokens) => TableOf(StageOf(tokens), tokens).First(tokens);

    /// <param name="positions"><c>[batch, tokens]</c>, int64.</param>
    /// <param name="tokens">Above all positions.</param>
    /// <param name="stages">Of each row.</param>
    public RotaryAngles At(Tensor positions, int tokens, params ReadOnlySpan<int> stages)
    {
        if (!stages.ContainsAnyExcept(stages[0]))
        {
            return TableOf(stages[0], tokens).At(positions);
        }

        var rows = new RotaryAngles[stages.Length];
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row] = TableOf(stages[row], tokens).At(positions.narrow(0, row, 1));
        }

        return new(cat([.. rows.Select(row => row.Cos)]), cat([.. rows.Select(row => row.Sin)]), positions.shape[0]);
    }

    /// <inheritdoc cref="RotaryScaling.StageOf"/>
    public int StageOf(int tokens) => rotary.Scaling?.StageOf(tokens) ?? 0;

    private Rotary TableOf(int stage, int tokens)
    {
        if (stage == 0)
        {
            return _table = Enough(_table, 0, tokens);
        }

        _staged = Enough(_stage == stage ? _staged : null, stage, tokens);
        _stage = stage;
        return _staged;
    }

    private Rotary Enough(Rotary? table, int stage, int tokens) =>
        table is not null && table.Positions >= tokens
            ? table
            : new Rotary(
                rotary,
                config.RotarySize,
                Math.Max(tokens, Math.Min(config.ContextTokens, Math.Max(FirstPositions, 2 * tokens))),
                device,
                stage
            );
}

/// <summary>Cosines and sines of the positions of one forward pass, shared by its layers.</summary>
/// <param name="Cos">float32 <c>[batch · tokens, d]</c></param>
/// <param name="Sin">As the cosines.</param>
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
