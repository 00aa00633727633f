using WebTrainer.Learning.Batching;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Privacy;

/// <summary>
/// Poisson sampling: each step takes each unit (a row, or all rows of a group) by itself, with the same chance. What a unit tells is
/// accounted for by that chance alone, so a step may be empty. All sequences of a unit stand in one pass; of a unit that has more than fit
/// in it, the step takes as many at random.
/// </summary>
public sealed class PoissonSource : IBatchSource
{
    private const int Sampling = 0; // the streams above it are the noise's
    private readonly List<List<(TokenRow Row, int Index)>> _units;
    private readonly TrainingSettings _settings;
    private readonly PromptDropout _dropout;
    private readonly PrivateRandom _random;

    /// <param name="rows">All sequences of the run.</param>
    /// <param name="unitOf">Names the unit that a row belongs to.</param>
    /// <param name="settings">Batch times accumulation is the expected number of units a step; the batch also bounds a pass.</param>
    /// <param name="dropout">Applied anew to each row in each step.</param>
    /// <param name="random">Decides who is taken.</param>
    public PoissonSource(
        IReadOnlyList<TokenRow> rows,
        Func<TokenRow, string> unitOf,
        TrainingSettings settings,
        PromptDropout dropout,
        PrivateRandom random
    )
    {
        _units = [.. rows.Select((row, index) => (row, index)).GroupBy(entry => unitOf(entry.row)).Select(unit => unit.ToList())];
        (_settings, _dropout, _random) = (settings, dropout, random);
        ExpectedUnits = Math.Min(settings.MicroBatch * settings.Accumulation, _units.Count);
        TotalSteps = Math.Max(1, Math.Min((int)Math.Ceiling(settings.Epochs * StepsPerEpoch), settings.MaxSteps ?? int.MaxValue));
    }

    /// <summary>Rows or groups that are protected.</summary>
    public int Units => _units.Count;

    /// <summary>Units that a step takes on average, by which its sum is divided.</summary>
    public int ExpectedUnits { get; }

    /// <summary>Chance of each unit to be in a step.</summary>
    public double SampleRate => (double)ExpectedUnits / Units;

    /// <inheritdoc/>
    public int TotalSteps { get; }

    /// <inheritdoc/>
    public int StepsPerEpoch => (Units + ExpectedUnits - 1) / ExpectedUnits;

    /// <returns>No pass where nobody was taken.</returns>
    /// <inheritdoc/>
    public IReadOnlyList<IReadOnlyList<TokenRow>> BatchesOf(int step)
    {
        using var stream = _random.Open(step, Sampling);
        var taken = _units.Where(_ => stream.Share() < SampleRate).ToList();
        return Passes(
            [
                .. taken
                    .Select(unit => Some(unit, stream).Select(entry => _dropout.Apply(entry.Row, step, entry.Index)).ToList())
                    .OrderByDescending(unit => unit.Max(row => row.Tokens.Length)),
            ],
            _settings.MicroBatch
        );
    }

    /// <inheritdoc/>
    public double EpochAfter(int step) => step * SampleRate;

    /// <summary>
    /// Units one behind the other in passes of at most so many rows, none cut in two; a larger one has a pass of its own.
    /// </summary>
    internal static List<List<TokenRow>> Passes(IReadOnlyList<IReadOnlyList<TokenRow>> units, int mostRows)
    {
        var passes = new List<List<TokenRow>>();
        foreach (var unit in units)
        {
            if (passes.Count == 0 || passes[^1].Count + unit.Count > mostRows)
            {
                passes.Add([]);
            }

            passes[^1].AddRange(unit);
        }

        return passes;
    }

    private IEnumerable<(TokenRow Row, int Index)> Some(List<(TokenRow Row, int Index)> unit, RandomStream stream)
    {
        if (unit.Count <= _settings.MicroBatch)
        {
            return unit;
        }

        var order = unit.ToArray();
        for (var i = 0; i < _settings.MicroBatch; i++)
        {
            var j = i + (int)(stream.Next() % (ulong)(order.Length - i));
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order.Take(_settings.MicroBatch);
    }
}
