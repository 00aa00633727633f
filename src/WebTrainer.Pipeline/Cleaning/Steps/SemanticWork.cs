using WebTrainer.Pipeline.Cleaning.Duplicates;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Rows compared by a vector each, whatever makes it.</summary>
internal abstract class SemanticWork(SemanticDuplicatesStep step, int rows) : StepWork
{
    private readonly long[] _ranks = new long[rows];
    private readonly ulong[] _classes = new ulong[rows];
    private readonly int[] _twins = new int[rows];
    private long _crossing;

    public override bool GoesByPosition => true;

    public override string? Note => DuplicateChoice.NoteOf(_crossing);

    protected SemanticDuplicatesStep Step => step;

    /// <summary>By the position of the row; null for rows that aren't compared.</summary>
    protected sbyte[]?[] Vectors { get; } = new sbyte[]?[rows];

    protected void Rank(int index, CanonicalRow row, bool mustStay)
    {
        _ranks[index] = DuplicateChoice.Rank(index, row, step.Keep, step.Rating, mustStay);
        _classes[index] = DuplicateChoice.Class(row, step.Within);
    }

    protected void Compare(CancellationToken cancellationToken)
    {
        var twins = new SemanticTwins(Vectors, _ranks, _classes, step.Threshold);
        twins.Find(_twins, cancellationToken);
        _crossing = twins.Crossing;
        Array.Clear(Vectors); // the largest part of the memory, needed no more
    }

    public override RowOutcome Apply(int index, CanonicalRow row) =>
        _twins[index] == 0 ? new(row) : new(row, "It says nearly the same as another row.", _twins[index] - 1);
}
