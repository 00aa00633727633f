namespace WebTrainer.Pipeline.Cleaning;

/// <summary>What a step makes of a row: the row, perhaps changed, or why it is set aside.</summary>
/// <param name="Twin">Position of the row it repeats, among all rows of the version; null where it isn't a repetition.</param>
internal readonly record struct RowOutcome(CanonicalRow Row, string? Reason = null, int? Twin = null);

/// <summary>A step at work on the rows of one version. Rows come in any order and several at once.</summary>
internal abstract class StepWork : IDisposable
{
    /// <summary>
    /// How often it must have seen all rows before it can judge one: so often they come through <see cref="Observe"/> first.
    /// </summary>
    public virtual int Looks => 0;

    /// <summary>
    /// Whether, once all rows were seen, it goes by the position of a row alone and changes none: then the texts need not be read again.
    /// </summary>
    public virtual bool GoesByPosition => false;

    /// <summary>Before anything else: reads what it needs beside the rows.</summary>
    public virtual Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Looks at the file of the version by itself, where that is faster than to be shown its rows. Only of the first step, before which
    /// nothing is changed.
    /// </summary>
    /// <returns>False where the rows have to be shown to it.</returns>
    public virtual Task<bool> TryLookAsync(string version, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <param name="index">Position in the version.</param>
    /// <param name="mustStay">Somebody took this row back: it can't be set aside.</param>
    public virtual void Observe(int index, CanonicalRow row, bool mustStay) { }

    /// <summary>After the last row of each look was observed: lets other programs do what it needs to decide.</summary>
    public virtual Task GatherAsync(IProgress<WorkProgress>? progress, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After that.</summary>
    public virtual void Decide(CancellationToken cancellationToken) { }

    public abstract RowOutcome Apply(int index, CanonicalRow row);

    /// <summary>What people should know of its result, in a sentence; null where that is nothing.</summary>
    public virtual string? Note => null;

    /// <summary>At the end, however it came: takes away the files it made for itself.</summary>
    public virtual void Dispose() { }
}

/// <summary>A step that only changes texts, each by itself.</summary>
internal sealed class TextWork(Func<string, string> map) : StepWork
{
    public override RowOutcome Apply(int index, CanonicalRow row) => new(RowTexts.Map(row, map));
}

/// <summary>A step that only sets rows aside, each by itself.</summary>
/// <param name="reason">Null where a row stays.</param>
internal sealed class SieveWork(Func<CanonicalRow, string?> reason) : StepWork
{
    public override RowOutcome Apply(int index, CanonicalRow row) => new(row, reason(row));
}
