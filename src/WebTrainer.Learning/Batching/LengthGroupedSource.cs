using WebTrainer.Protocol;
using WebTrainer.Statistics;

namespace WebTrainer.Learning.Batching;

/// <summary>
/// Rows in random order, those of like length together so that little is padding: each pass shuffles all rows, sorts by length
/// within large blocks, cuts them into steps and shuffles the steps.
/// </summary>
public sealed class LengthGroupedSource : IBatchSource
{
    private const int StepsPerBlock = 50;
    private readonly IReadOnlyList<TokenRow> _rows;
    private readonly TrainingSettings _settings;
    private readonly PromptDropout _dropout;
    private readonly long _seed;
    private (int Epoch, List<int[]> Steps) _order = (-1, []);

    /// <summary>Fixes how many steps the run has; the order is made as it is asked for.</summary>
    /// <param name="rows">All rows of the run, already encoded.</param>
    /// <param name="settings">Says rows a forward pass, passes a step, and epochs; <see cref="TrainingSettings.MaxSteps"/> ends a run
    /// earlier.</param>
    /// <param name="dropout">Applied anew to each row in each pass over the data.</param>
    /// <param name="seed">With the number of the pass it decides the order.</param>
    public LengthGroupedSource(IReadOnlyList<TokenRow> rows, TrainingSettings settings, PromptDropout dropout, long seed)
    {
        _rows = rows;
        _settings = settings;
        _dropout = dropout;
        _seed = seed;
        TotalSteps = Math.Max(1, Math.Min((int)Math.Ceiling(settings.Epochs * StepsPerEpoch), settings.MaxSteps ?? int.MaxValue));
    }

    /// <summary>Epochs times <see cref="StepsPerEpoch"/>, rounded up, or the settings' most steps if that is less; at least 1.</summary>
    public int TotalSteps { get; }

    /// <summary>Optimiser steps of one pass over all rows; the last one may have fewer rows.</summary>
    public int StepsPerEpoch => (_rows.Count + RowsPerStep - 1) / RowsPerStep;

    private int RowsPerStep => _settings.MicroBatch * _settings.Accumulation;

    /// <inheritdoc/>
    public IReadOnlyList<IReadOnlyList<TokenRow>> BatchesOf(int step)
    {
        var (epoch, index) = Math.DivRem(step - 1, StepsPerEpoch);
        if (_order.Epoch != epoch)
        {
            _order = (epoch, Order(epoch));
        }

        return
        [
            .. _order
                .Steps[index]
                .Chunk(_settings.MicroBatch)
                .Select(part => part.Select(row => _dropout.Apply(_rows[row], epoch, row)).ToList()),
        ];
    }

    /// <inheritdoc/>
    public double EpochAfter(int step) => (double)step / StepsPerEpoch;

    private List<int[]> Order(int epoch)
    {
        var random = SplitMix.Of(_seed, epoch);
        var steps = random
            .Permutation(_rows.Count)
            .Chunk(RowsPerStep * StepsPerBlock)
            .SelectMany(block => block.OrderBy(row => _rows[row].Tokens.Length).Chunk(RowsPerStep))
            .ToList();
        return [.. random.Permutation(steps.Count).Select(index => steps[index])];
    }
}
