using WebTrainer.Pipeline.Cleaning.Duplicates;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Keeps one of several rows whose texts share most of their word sequences (MinHash and LSH).</summary>
public sealed record NearDuplicatesStep : CleanStep
{
    public const int Permutations = 128;

    /// <summary>Share of the sequences of three words that two texts have in common, of all that either has (Jaccard).</summary>
    public double Threshold { get; init; } = 0.7;
    public DuplicateBy By { get; init; }
    public DuplicateKeep Keep { get; init; }

    /// <summary>The column with the rating, for <see cref="DuplicateKeep.BestRated"/>.</summary>
    public string Rating { get; init; } = DuplicateChoice.DefaultRating;

    public override string? Fault() => Threshold is >= 0.3 and <= 0.99 ? null : "The similarity is from 0.3 to 0.99.";

    internal override StepWork Begin(CleanContext context) => new NearWork(this, (int)context.Rows);

    private sealed class NearWork(NearDuplicatesStep step, int rows) : StepWork
    {
        private readonly MinHasher _hasher = new(Permutations);
        private readonly uint[]?[] _signatures = new uint[]?[rows];
        private readonly long[] _ranks = new long[rows];
        private readonly int[] _twins = new int[rows];

        public override int Looks => 1;

        public override bool GoesByPosition => true;

        public override void Observe(int index, CanonicalRow row, bool mustStay)
        {
            var shingles = Shingles.Hash(TextKey.Normal(DuplicateChoice.Text(row, step.By)));
            if (shingles.Length == 0) return;
            _signatures[index] = _hasher.Signature(shingles);
            _ranks[index] = DuplicateChoice.Rank(index, row, step.Keep, step.Rating, mustStay);
        }

        public override void Decide(CancellationToken cancellationToken)
        {
            NearTwins.Find(_signatures, _ranks, step.Threshold, _twins, cancellationToken);
            Array.Clear(_signatures); // the largest part of the memory, needed no more
        }

        public override RowOutcome Apply(int index, CanonicalRow row) =>
            _twins[index] == 0 ? new(row) : new(row, "Its text is nearly that of another row.", _twins[index] - 1);
    }
}
