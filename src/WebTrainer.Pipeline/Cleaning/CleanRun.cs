using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace WebTrainer.Pipeline.Cleaning;

/// <summary>A row on its way through a recipe.</summary>
internal readonly record struct CleanedRow(int Index, CanonicalRow Row, int Step, string? Reason, int? Twin);

/// <summary>A recipe at work on the rows of one version.</summary>
/// <remarks>
/// Steps that compare rows need to see all of them first. So the rows are read once more for each such step, with the steps
/// before it applied: slower than keeping them in memory, but a version may be larger than that.
/// </remarks>
/// <param name="keep">Positions of the rows that somebody took back.</param>
internal sealed class CleanRun(
    IReadOnlyList<CleanStep> steps,
    IReadOnlySet<int> keep,
    CleanContext context,
    Func<CancellationToken, IAsyncEnumerable<CanonicalRow>> read
)
{
    private const int BatchRows = 256;
    private readonly List<StepWork> _works = [.. steps.Select(s => s.Begin(context))];
    private readonly StepTally[] _tallies = [.. steps.Select(s => new StepTally(s))];

    public IReadOnlyList<StepReport> Reports => [.. _tallies.Select((t, step) => t.Report() with { Note = _works[step].Note })];

    /// <summary>The version's file; null where the rows are but some of it.</summary>
    public string? File { get; init; }

    /// <summary>Whether every step goes by the position of rows, so that the last reading reads none of them.</summary>
    public bool GoesByPosition => File is not null && _works.TrueForAll(w => w.GoesByPosition);

    /// <summary>Called for each row a step changed, from several threads: step, before, after.</summary>
    public Action<int, CanonicalRow, CanonicalRow>? OnChanged { get; init; }

    /// <returns>Each row of the version in its order, changed, or with why it is set aside.</returns>
    public async IAsyncEnumerable<CleanedRow> RunAsync(
        IProgress<WorkProgress>? progress,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        try
        {
            foreach (var (number, work) in _works.Index())
            {
                await work.PrepareAsync(cancellationToken);
                if (number == 0 && File is not null && keep.Count == 0 && await TryLookAsync(work, File, cancellationToken))
                {
                    continue;
                }

                for (var look = 0; look < work.Looks; look++)
                {
                    await LookAsync(number, work, progress, cancellationToken);
                }
            }
        }
        finally
        {
            foreach (var work in _works)
            {
                work.Dispose();
            }
        }

        var last = _works.Count;
        await foreach (
            var batch in BatchesAsync("Cleaning", GoesByPosition ? _ => Nameless() : read, progress, cancellationToken)
                .InOrder(b => Apply(b, last, final: true), cancellationToken)
        )
        {
            foreach (var row in batch)
            {
                yield return row;
            }
        }
    }

    private async Task<bool> TryLookAsync(StepWork work, string file, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        if (!await work.TryLookAsync(file, cancellationToken))
        {
            return false;
        }

        _tallies[0].AddTime(start);
        return true;
    }

    private async Task LookAsync(int number, StepWork work, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        await foreach (
            var batch in BatchesAsync($"Comparing rows for step {number + 1}", read, progress, cancellationToken)
                .InOrder(b => Apply(b, number, final: false), cancellationToken)
                .InOrder(b => Observe(b, number, work), cancellationToken)
        )
        {
            Debug.Assert(batch <= BatchRows);
        }

        var start = Stopwatch.GetTimestamp();
        await work.GatherAsync(progress, cancellationToken);
        work.Decide(cancellationToken);
        _tallies[number].AddTime(start);
    }

    private int Observe(IReadOnlyList<CleanedRow> batch, int number, StepWork work)
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var row in batch)
        {
            if (row.Reason is null)
            {
                work.Observe(row.Index, row.Row, keep.Contains(row.Index));
            }
        }

        _tallies[number].AddTime(start);
        return batch.Count;
    }

    /// <summary>Takes rows through the first steps; step by step, so that their times can be told apart.</summary>
    /// <param name="final">Whether this time counts, or only prepares a later step.</param>
    private CleanedRow[] Apply((int First, CanonicalRow[] Rows) batch, int steps, bool final)
    {
        var rows = batch.Rows.Select((row, i) => new CleanedRow(batch.First + i, row, 0, null, null)).ToArray();
        for (var step = 0; step < steps; step++)
        {
            var start = Stopwatch.GetTimestamp();
            long rowsIn = 0,
                changed = 0,
                setAside = 0;
            for (var i = 0; i < rows.Length; i++)
            {
                if (rows[i].Reason is not null)
                {
                    continue;
                }

                rowsIn++;
                var before = rows[i].Row;
                rows[i] = Apply(rows[i], step);
                if (rows[i].Reason is not null)
                {
                    setAside++;
                }
                else if (!ReferenceEquals(rows[i].Row, before))
                {
                    changed += Changed(step, before, rows[i].Row, final);
                }
            }

            if (final)
            {
                _tallies[step].Add(rowsIn, changed, setAside, start);
            }
        }

        return rows;
    }

    private int Changed(int step, CanonicalRow before, CanonicalRow after, bool final)
    {
        if (final)
        {
            OnChanged?.Invoke(step, before, after);
        }

        return 1;
    }

    private CleanedRow Apply(CleanedRow row, int step)
    {
        var outcome = TryApply(_works[step], row);
        var reason = outcome.Reason ?? Emptied(row.Row, outcome.Row);
        if (reason is null)
        {
            return row with { Row = outcome.Row };
        }
        // A row that was taken back goes on as it came to the step that would lose it.
        return keep.Contains(row.Index) ? row : row with { Step = step, Reason = reason, Twin = outcome.Twin };
    }

    private static RowOutcome TryApply(StepWork work, CleanedRow row)
    {
        try
        {
            return work.Apply(row.Index, row.Row);
        }
        catch (RegexMatchTimeoutException)
        {
            // One text that was made to be slow costs itself, not the other rows.
            return new RowOutcome(row.Row, "It takes too long to search its text.");
        }
    }

    private static string? Emptied(CanonicalRow before, CanonicalRow after)
    {
        if (ReferenceEquals(before, after))
        {
            return null;
        }

        if (string.IsNullOrWhiteSpace(after.Prompt) && !string.IsNullOrWhiteSpace(before.Prompt))
        {
            return "Nothing is left of its prompt.";
        }

        return string.IsNullOrWhiteSpace(after.Response) && !string.IsNullOrWhiteSpace(before.Response)
            ? "Nothing is left of its response."
            : null;
    }

    private IAsyncEnumerable<CanonicalRow> Nameless() => Enumerable.Repeat(CanonicalRow.Nameless, (int)context.Rows).ToAsyncEnumerable();

    private async IAsyncEnumerable<(int First, CanonicalRow[] Rows)> BatchesAsync(
        string stage,
        Func<CancellationToken, IAsyncEnumerable<CanonicalRow>> source,
        IProgress<WorkProgress>? progress,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var first = 0;
        await foreach (var rows in source(cancellationToken).Chunk(BatchRows).WithCancellation(cancellationToken))
        {
            progress?.Report(new WorkProgress(stage, first, context.Rows));
            yield return (first, rows);
            first += rows.Length;
        }
    }

    /// <summary>Counts of one step, added to from several threads.</summary>
    private sealed class StepTally(CleanStep step)
    {
        private long _rowsIn,
            _changed,
            _setAside,
            _ticks;

        public void Add(long rowsIn, long changed, long setAside, long start)
        {
            Interlocked.Add(ref _rowsIn, rowsIn);
            Interlocked.Add(ref _changed, changed);
            Interlocked.Add(ref _setAside, setAside);
            AddTime(start);
        }

        public void AddTime(long start) => Interlocked.Add(ref _ticks, Stopwatch.GetTimestamp() - start);

        public StepReport Report() => new(step, _rowsIn, _changed, _setAside, (double)_ticks / Stopwatch.Frequency);
    }
}
