using WebTrainer.Pipeline.Cleaning.Duplicates;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Keeps one of several rows whose texts are equal but for case, spaces and composition (MD5 of the normalised text).</summary>
public sealed record ExactDuplicatesStep : CleanStep
{
    public DuplicateBy By { get; init; } = DuplicateBy.PromptAndResponse;
    public DuplicateKeep Keep { get; init; }

    /// <summary>The column with the rating, for <see cref="DuplicateKeep.BestRated"/>.</summary>
    public string Rating { get; init; } = DuplicateChoice.DefaultRating;

    internal override StepWork Begin(CleanContext context) => new ExactWork(this, (int)context.Rows, context.Limits);

    private sealed class ExactWork(ExactDuplicatesStep step, int rows, ImportLimits limits) : StepWork
    {
        private readonly UInt128[] _keys = new UInt128[rows];
        private readonly long[] _ranks = new long[rows];
        private readonly bool[] _seen = new bool[rows];
        private readonly Dictionary<UInt128, int> _kept = [];

        public override int Looks => 1;

        public override bool GoesByPosition => true;

        public override async Task<bool> TryLookAsync(string version, CancellationToken cancellationToken)
        {
            // The other choices look into the texts or columns of a row to tell which one stays.
            if (step.Keep is not (DuplicateKeep.First or DuplicateKeep.Last)) return false;
            await Task.Run(() => KeyScan.Read(version, step.By, limits, Keep, cancellationToken), cancellationToken);
            return true;

            void Keep(int index, DataSplit? split, UInt128 key)
            {
                _keys[index] = key;
                _ranks[index] = DuplicateChoice.Rank(index, split, step.Keep);
                _seen[index] = true;
            }
        }

        public override void Observe(int index, CanonicalRow row, bool mustStay)
        {
            _keys[index] = TextKey.NormalMd5(DuplicateChoice.Text(row, step.By));
            _ranks[index] = DuplicateChoice.Rank(index, row, step.Keep, step.Rating, mustStay);
            _seen[index] = true;
        }

        public override void Decide(CancellationToken cancellationToken)
        {
            for (var i = 0; i < rows; i++)
            {
                if (_seen[i] && (!_kept.TryGetValue(_keys[i], out var best) || _ranks[i] < _ranks[best])) _kept[_keys[i]] = i;
            }
        }

        public override RowOutcome Apply(int index, CanonicalRow row) =>
            _kept[_keys[index]] is var kept && kept == index ? new(row) : new(row, "Its text stands in another row.", kept);
    }
}
