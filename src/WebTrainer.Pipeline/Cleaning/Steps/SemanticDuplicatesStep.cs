using WebTrainer.Pipeline.Cleaning.Duplicates;
using WebTrainer.Embedding;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Keeps one of several rows that say nearly the same in other words (vectors of the built-in embedder).</summary>
public sealed record SemanticDuplicatesStep : CleanStep
{
    /// <summary>
    /// Cosine of two vectors from which texts count as the same; <c>docs/duplicates.md</c> says what each choice finds. Below 0.9, questions
    /// that differ in one name only count as the same too.
    /// </summary>
    public double Threshold { get; init; } = 0.95;
    public DuplicateBy By { get; init; }
    public DuplicateKeep Keep { get; init; }

    /// <summary>The column with the rating, for <see cref="DuplicateKeep.BestRated"/>.</summary>
    public string Rating { get; init; } = DuplicateChoice.DefaultRating;

    public override string? Fault() => Threshold is >= 0.5 and <= 0.99 ? null : "The similarity is from 0.5 to 0.99.";

    internal override StepWork Begin(CleanContext context) => new SemanticWork(this, (int)context.Rows);

    private sealed class SemanticWork(SemanticDuplicatesStep step, int rows) : StepWork
    {
        private readonly TextEmbedder _embedder = new();
        private readonly sbyte[]?[] _vectors = new sbyte[]?[rows];
        private readonly long[] _ranks = new long[rows];
        private readonly int[] _twins = new int[rows];
        private int _look;

        /// <summary>First it learns how common words are among the rows, then it embeds them.</summary>
        public override int Looks => 2;

        public override bool GoesByPosition => true;

        public override void Observe(int index, CanonicalRow row, bool mustStay)
        {
            var text = DuplicateChoice.Text(row, step.By);
            if (_look == 0)
            {
                _embedder.Learn(text);
                return;
            }

            var vector = new sbyte[TextEmbedder.Dimensions];
            _embedder.Embed(text, vector);
            if (!vector.AsSpan().ContainsAnyExcept((sbyte)0)) return;
            _vectors[index] = vector;
            _ranks[index] = DuplicateChoice.Rank(index, row, step.Keep, step.Rating, mustStay);
        }

        public override void Decide(CancellationToken cancellationToken)
        {
            if (_look++ == 0) return;
            new SemanticTwins(_vectors, _ranks, step.Threshold).Find(_twins, cancellationToken);
            Array.Clear(_vectors); // the largest part of the memory, needed no more
        }

        public override RowOutcome Apply(int index, CanonicalRow row) =>
            _twins[index] == 0 ? new(row) : new(row, "It says nearly the same as another row.", _twins[index] - 1);
    }
}
