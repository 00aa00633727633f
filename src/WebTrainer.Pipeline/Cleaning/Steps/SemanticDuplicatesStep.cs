using WebTrainer.Embedding;
using WebTrainer.Pipeline.Cleaning.Duplicates;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Keeps one of several rows that say nearly the same in other words, by vectors of their texts.</summary>
public sealed record SemanticDuplicatesStep : CleanStep
{
    private const int MaxModelLength = 200;

    /// <summary>Name of the encoder of this server whose vectors are compared; empty for the built-in embedder, which needs none.</summary>
    public string Model { get; init; } = "";

    /// <summary>
    /// Cosine of two vectors from which texts count as the same; <c>docs/duplicates.md</c> says what each choice finds by the built-in
    /// embedder. Below 0.9, questions that differ in one name only count as the same too. Cosines of an encoder lie elsewhere, for each
    /// encoder.
    /// </summary>
    public double Threshold { get; init; } = 0.95;

    /// <summary>What of two rows is compared.</summary>
    public DuplicateBy By { get; init; }

    /// <summary>Which of several rows of one split stays; a row that judges stays before one to train on.</summary>
    public DuplicateKeep Keep { get; init; }

    /// <summary>Whether a row may be set aside for one with another label or answer.</summary>
    public DuplicateWithin Within { get; init; }

    /// <summary>The column with the rating, for <see cref="DuplicateKeep.BestRated"/>.</summary>
    public string Rating { get; init; } = DuplicateChoice.DefaultRating;

    /// <inheritdoc/>
    public override string? Fault()
    {
        if (Model is null || Model.Length > MaxModelLength)
        {
            return $"A model's name has at most {MaxModelLength} characters.";
        }

        return Threshold is >= 0.5 and <= 0.99 ? null : "The similarity is from 0.5 to 0.99.";
    }

    internal override int PreviewRows => Model.Length == 0 ? base.PreviewRows : Cleaner.PreviewRowsForModel;

    internal override StepWork Begin(CleanContext context) =>
        Model.Length == 0 ? new BuiltInWork(this, (int)context.Rows) : new EncodedWork(this, context);

    private sealed class BuiltInWork(SemanticDuplicatesStep step, int rows) : SemanticWork(step, rows)
    {
        private readonly TextEmbedder _embedder = new();
        private int _look;

        /// <summary>First it learns how common words are among the rows, then it embeds them.</summary>
        public override int Looks => 2;

        public override void Observe(int index, CanonicalRow row, bool mustStay)
        {
            var text = DuplicateChoice.Text(row, Step.By);
            if (_look == 0)
            {
                _embedder.Learn(text);
                return;
            }

            var vector = new sbyte[TextEmbedder.Dimensions];
            _embedder.Embed(text, vector);
            if (!vector.AsSpan().ContainsAnyExcept((sbyte)0))
            {
                return;
            }

            Vectors[index] = vector;
            Rank(index, row, mustStay);
        }

        public override void Decide(CancellationToken cancellationToken)
        {
            if (_look++ > 0)
            {
                Compare(cancellationToken);
            }
        }
    }
}
