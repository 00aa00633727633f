using System.Runtime.CompilerServices;

namespace WebTrainer.Pipeline.Import;

/// <summary>The canonical rows of a file; what can't become one goes to the log.</summary>
internal sealed class RowSource(
    SourceStream source,
    SourceFile file,
    FileInspection inspection,
    ColumnMapping mapping,
    ImportLimits limits,
    ProblemLog log
)
{
    private const int RecordsBetweenReports = 2_000;

    private readonly UnusedLog _unused = new(limits.MaxColumns);

    /// <summary>What the rows read so far hold beside what was made of them.</summary>
    public IReadOnlyList<UnusedField> Unused => _unused.Listed;

    /// <summary>Records read so far, good and broken.</summary>
    public long Read { get; private set; }

    public async IAsyncEnumerable<CanonicalRow> ReadAsync(
        IProgress<WorkProgress>? progress,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        mapping.Check();
        var mapper = new RowMapper(mapping, file.Sha256!, limits);
        await foreach (var (rows, problem, unused) in OutcomesAsync(mapper, cancellationToken))
        {
            Read++;
            if (Read % RecordsBetweenReports == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Report(new WorkProgress("Reading", source.Position, source.Length));
            }

            if (problem is not null)
            {
                log.Add(problem);
            }

            _unused.Add(unused);
            foreach (var row in rows)
            {
                yield return row;
            }
        }
    }

    /// <summary>
    /// What becomes of each record, in the file's order. Lines of JSON are read on several threads; a CSV record is known only when the one
    /// before it has ended.
    /// </summary>
    private async IAsyncEnumerable<RowOutcome> OutcomesAsync(RowMapper mapper, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (inspection.Kind == FileKind.JsonLines)
        {
            var lines = new Utf8LineReader(source.Text, file.Name, limits.MaxLineBytes);
            await foreach (var batch in LineBatch.ReadAsync(lines, cancellationToken).InOrder(b => Parse(mapper, b), cancellationToken))
            {
                foreach (var outcome in batch)
                {
                    yield return outcome;
                }
            }

            yield break;
        }

        await foreach (var record in RecordReader.Create(source.Text, file, inspection, limits).ReadAsync(cancellationToken))
        {
            yield return Map(mapper, record);
        }
    }

    private List<RowOutcome> Parse(RowMapper mapper, LineBatch batch)
    {
        var outcomes = new List<RowOutcome>(batch.Lines.Count);
        foreach (var (number, text) in batch.Texts)
        {
            using var row = JsonRow.Parse(text, number, limits.MaxJsonDepth);
            outcomes.Add(Map(mapper, row.Record));
        }

        return outcomes;
    }

    private static RowOutcome Map(RowMapper mapper, SourceRecord record)
    {
        if (record.Problem is { } problem)
        {
            return new RowOutcome([], problem, []);
        }

        try
        {
            return new RowOutcome([.. mapper.Map(record.Line, record.Fields!)], null, mapper.Unused(record.Fields!));
        }
        catch (BrokenRowException e)
        {
            return new RowOutcome([], new RowProblem(record.Line, e.Key, e.Message), []);
        }
    }

    /// <summary>What became of one record.</summary>
    private readonly record struct RowOutcome(IReadOnlyList<CanonicalRow> Rows, RowProblem? Problem, IReadOnlyList<string> Unused);
}
