using WebTrainer.Pipeline.Cleaning.Duplicates;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Of what sequences texts are compared as sets.</summary>
public enum NearBy
{
    /// <summary>Sequences of three words: texts of which parts were changed.</summary>
    Words,

    /// <summary>Sequences of five letters: short texts with typing errors, and writings that set no spaces.</summary>
    Letters,
}

/// <summary>Keeps one of several rows whose texts share most of their word or letter sequences (MinHash and LSH).</summary>
public sealed record NearDuplicatesStep : CleanStep
{
    /// <summary>Places of a signature: similarities are estimated with a standard error of at most 0.044.</summary>
    internal const int Permutations = 128;

    /// <summary>Of what sequences texts are compared as sets.</summary>
    public NearBy Sequences { get; init; }

    /// <summary>Share of the sequences that two texts have in common, of all that either has (Jaccard): 0.3 to 0.99.</summary>
    public double Threshold { get; init; } = 0.7;

    /// <summary>What of two rows is compared.</summary>
    public DuplicateBy By { get; init; }

    /// <summary>Which of several rows of one split stays; a row that judges stays before one to train on.</summary>
    public DuplicateKeep Keep { get; init; }

    /// <summary>Whether a row may be set aside for one with another label or answer.</summary>
    public DuplicateWithin Within { get; init; }

    /// <summary>The column with the rating, for <see cref="DuplicateKeep.BestRated"/>.</summary>
    public string Rating { get; init; } = DuplicateChoice.DefaultRating;

    /// <inheritdoc/>
    public override string? Fault() => Threshold is >= 0.3 and <= 0.99 ? null : "The similarity is from 0.3 to 0.99.";

    internal override StepWork Begin(CleanContext context) => new NearWork(this, (int)context.Rows);

    private sealed class NearWork(NearDuplicatesStep step, int rows) : StepWork
    {
        private readonly MinHasher _hasher = new(Permutations);
        private readonly uint[]?[] _signatures = new uint[]?[rows];
        private readonly long[] _ranks = new long[rows];
        private readonly ulong[] _classes = new ulong[rows];
        private readonly int[] _twins = new int[rows];
        private long _crossing;

        public override int Looks => 1;

        public override bool GoesByPosition => true;

        public override string? Note => DuplicateChoice.NoteOf(_crossing);

        public override void Observe(int index, CanonicalRow row, bool mustStay)
        {
            var text = TextKey.Normal(DuplicateChoice.Text(row, step.By));
            var shingles = step.Sequences == NearBy.Letters ? Shingles.HashLetters(text) : Shingles.Hash(text);
            if (shingles.Length == 0)
            {
                return;
            }

            _signatures[index] = _hasher.Signature(shingles);
            _ranks[index] = DuplicateChoice.Rank(index, row, step.Keep, step.Rating, mustStay);
            _classes[index] = DuplicateChoice.Class(row, step.Within);
        }

        public override void Decide(CancellationToken cancellationToken)
        {
            _crossing = NearTwins.Find(_signatures, _ranks, _classes, step.Threshold, _twins, cancellationToken);
            Array.Clear(_signatures); // the largest part of the memory, needed no more
        }

        public override RowOutcome Apply(int index, CanonicalRow row) =>
            _twins[index] == 0 ? new(row) : new(row, "Its text is nearly that of another row.", _twins[index] - 1);
    }
}
