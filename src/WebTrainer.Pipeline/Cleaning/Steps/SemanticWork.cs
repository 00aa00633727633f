using WebTrainer.Pipeline.Cleaning.Duplicates;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Rows compared by a vector each, whatever makes it.</summary>
internal abstract class SemanticWork(SemanticDuplicatesStep step, int rows) : StepWork
{
    private readonly long[] _ranks = new long[rows];
    private readonly int[] _twins = new int[rows];

    public override bool GoesByPosition => true;

    protected SemanticDuplicatesStep Step => step;

    /// <summary>By the position of the row; null for rows that aren't compared.</summary>
    protected sbyte[]?[] Vectors { get; } = new sbyte[]?[rows];

    protected void Rank(int index, CanonicalRow row, bool mustStay) => _ranks[index] = DuplicateChoice.Rank(index, row, step.Keep, step.Rating, mustStay);

    protected void Compare(CancellationToken cancellationToken)
    {
        new SemanticTwins(Vectors, _ranks, step.Threshold).Find(_twins, cancellationToken);
        Array.Clear(Vectors); // the largest part of the memory, needed no more
    }

    public override RowOutcome Apply(int index, CanonicalRow row) =>
        _twins[index] == 0 ? new(row) : new(row, "It says nearly the same as another row.", _twins[index] - 1);
}
