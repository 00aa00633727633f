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

    public LengthGroupedSource(IReadOnlyList<TokenRow> rows, TrainingSettings settings, PromptDropout dropout, long seed)
    {
        _rows = rows;
        _settings = settings;
        _dropout = dropout;
        _seed = seed;
        TotalSteps = Math.Max(1, Math.Min((int)Math.Ceiling(settings.Epochs * StepsPerEpoch), settings.MaxSteps ?? int.MaxValue));
    }

    public int TotalSteps { get; }

    public int StepsPerEpoch => (_rows.Count + RowsPerStep - 1) / RowsPerStep;

    private int RowsPerStep => _settings.MicroBatch * _settings.Accumulation;

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
