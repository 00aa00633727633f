using System.Collections.Concurrent;
using WebTrainer.Pipeline.Splits;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>
/// Sets aside rows of labels that have too many, so that rare ones are heard. Only rows to train on: what judges stays as it is.
/// </summary>
public sealed record BalanceStep : CleanStep
{
    /// <summary>Rows of a label at most.</summary>
    public int MaxOfLabel { get; init; } = 1_000;

    /// <summary>Which rows stay: the same seed always keeps the same.</summary>
    public long Seed { get; init; } = 42;

    /// <inheritdoc/>
    public override string? Fault() => MaxOfLabel < 1 ? "At least one row of each label stays." : null;

    internal override StepWork Begin(CleanContext context) => new BalanceWork(this);

    private sealed class BalanceWork(BalanceStep step) : StepWork
    {
        private readonly ConcurrentDictionary<string, ConcurrentBag<(UInt128 Place, int Index)>> _labels = new();
        private readonly HashSet<int> _tooMany = [];

        public override int Looks => 1;

        public override bool GoesByPosition => true;

        public override void Observe(int index, CanonicalRow row, bool mustStay)
        {
            if (row.Label is null || row.Split is not (null or DataSplit.Train))
            {
                return;
            }
            // Rows taken back come first in the shuffle, so that others make room for them.
            var place = mustStay ? UInt128.Zero : PromptKey.Shuffle(PromptKey.OfText(row.Id), step.Seed);
            _labels.GetOrAdd(row.Label, _ => []).Add((place, index));
        }

        public override void Decide(CancellationToken cancellationToken)
        {
            foreach (var rows in _labels.Values)
            {
                _tooMany.UnionWith(rows.Order().Skip(step.MaxOfLabel).Select(r => r.Index));
            }
        }

        public override RowOutcome Apply(int index, CanonicalRow row) =>
            new(row, _tooMany.Contains(index) ? $"Its label has more than {step.MaxOfLabel:N0} rows." : null);
    }
}
