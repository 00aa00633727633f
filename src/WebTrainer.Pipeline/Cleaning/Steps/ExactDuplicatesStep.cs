using WebTrainer.Pipeline.Cleaning.Duplicates;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Keeps one of several rows whose texts are equal but for case, spaces and composition (MD5 of the normalised text).</summary>
public sealed record ExactDuplicatesStep : CleanStep
{
    /// <summary>What of two rows has to be equal.</summary>
    public DuplicateBy By { get; init; } = DuplicateBy.PromptAndResponse;

    /// <summary>Which of several equal rows of one split stays; a row that judges stays before one to train on.</summary>
    public DuplicateKeep Keep { get; init; }

    /// <summary>Whether a row may be set aside for one with another label or answer.</summary>
    public DuplicateWithin Within { get; init; }

    /// <summary>The column with the rating, for <see cref="DuplicateKeep.BestRated"/>.</summary>
    public string Rating { get; init; } = DuplicateChoice.DefaultRating;

    internal override StepWork Begin(CleanContext context) => new ExactWork(this, (int)context.Rows, context.Limits);

    private sealed class ExactWork(ExactDuplicatesStep step, int rows, ImportLimits limits) : StepWork
    {
        /// <summary>Of each row; only where the rows are shown one by one.</summary>
        private readonly Lazy<(UInt128 Key, ulong Class, long Rank, bool Seen)[]> _rows = new(() => new (UInt128, ulong, long, bool)[rows]);
        private Dictionary<int, int> _twins = [];
        private long _crossing;

        public override int Looks => 1;

        public override bool GoesByPosition => true;

        public override string? Note => DuplicateChoice.NoteOf(_crossing);

        public override async Task<bool> TryLookAsync(string version, CancellationToken cancellationToken)
        {
            // The other choices look into the texts or columns of a row to tell which one stays.
            if (step.Keep is not (DuplicateKeep.First or DuplicateKeep.Last))
            {
                return false;
            }

            (_twins, _crossing) = await Task.Run(
                () => TwinScan.Find(version, step.By, step.Within, step.Keep, limits, cancellationToken),
                cancellationToken
            );
            return true;
        }

        public override void Observe(int index, CanonicalRow row, bool mustStay) =>
            _rows.Value[index] = (
                TextKey.NormalMd5(DuplicateChoice.Text(row, step.By)),
                DuplicateChoice.Class(row, step.Within),
                DuplicateChoice.Rank(index, row, step.Keep, step.Rating, mustStay),
                true
            );

        public override void Decide(CancellationToken cancellationToken)
        {
            var (seen, kept) = (_rows.Value, new Dictionary<(UInt128, ulong), int>());
            for (var i = 0; i < rows; i++)
            {
                var key = (seen[i].Key, seen[i].Class);
                if (seen[i].Seen && (!kept.TryGetValue(key, out var best) || seen[i].Rank < seen[best].Rank))
                {
                    kept[key] = i;
                }
            }

            for (var i = 0; i < rows; i++)
            {
                if (seen[i].Seen && kept[(seen[i].Key, seen[i].Class)] is var stays && stays != i)
                {
                    _twins[i] = stays;
                }
            }

            _crossing = kept.Count - kept.Keys.Select(k => k.Item1).Distinct().Count();
        }

        public override RowOutcome Apply(int index, CanonicalRow row) =>
            _twins.TryGetValue(index, out var kept) ? new(row, "Its text stands in another row.", kept) : new(row);
    }
}
