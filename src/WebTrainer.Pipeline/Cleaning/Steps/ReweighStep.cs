using System.Collections.Concurrent;
using WebTrainer.Pipeline.Fairness;
using WebTrainer.Pipeline.Splits;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Makes labels independent of groups: of each group and label, so many rows stay as reweighing gives them weight.</summary>
/// <remarks>
/// A row stays with the chance weight / largest weight, by a hash of its id. So the rows that stay are in number what the weighted
/// rows would be, whatever trains on them. Only rows to train on: what judges stays as it is.
/// </remarks>
public sealed record ReweighStep : CleanStep
{
    /// <summary>The column that says to which group a row belongs.</summary>
    public string Column { get; init; } = "";

    /// <summary>Which rows stay: the same seed always keeps the same.</summary>
    public long Seed { get; init; } = 42;

    /// <inheritdoc/>
    public override string? Fault() =>
        string.IsNullOrWhiteSpace(Column) ? "Choose the column that says to which group a row belongs." : null;

    internal override StepWork Begin(CleanContext context) => new ReweighWork(this);

    private sealed class ReweighWork(ReweighStep step) : StepWork
    {
        private readonly ConcurrentDictionary<(string Group, string Label), ConcurrentBag<(UInt128 Place, int Index)>> _pairs = new();
        private readonly HashSet<int> _tooMany = [];

        public override int Looks => 1;

        public override bool GoesByPosition => true;

        public override void Observe(int index, CanonicalRow row, bool mustStay)
        {
            if (row.Label is null || row.Split is not (null or DataSplit.Train) || !row.Extra.TryGetValue(step.Column, out var group))
            {
                return;
            }

            var place = mustStay ? UInt128.Zero : PromptKey.Shuffle(PromptKey.OfText(row.Id), step.Seed);
            _pairs.GetOrAdd((group, row.Label), _ => []).Add((place, index));
        }

        public override void Decide(CancellationToken cancellationToken)
        {
            if (_pairs.IsEmpty)
            {
                return;
            }

            var weights = Reweighing.Weights(_pairs.Select(p => (p.Key.Group, p.Key.Label, (double)p.Value.Count)));
            var most = weights.Values.Max();
            foreach (var (pair, rows) in _pairs)
            {
                _tooMany.UnionWith(rows.Order().Skip((int)Math.Round(rows.Count * weights[pair] / most)).Select(r => r.Index));
            }
        }

        public override RowOutcome Apply(int index, CanonicalRow row) =>
            new(row, _tooMany.Contains(index) ? "Its group has its label more often than others have." : null);
    }
}
