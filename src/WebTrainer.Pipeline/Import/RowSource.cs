using System.Runtime.CompilerServices;

namespace WebTrainer.Pipeline.Import;

/// <summary>The canonical rows of a file; what can't become one goes to the log.</summary>
internal sealed class RowSource(
    SourceStream source, SourceFile file, FileInspection inspection, ColumnMapping mapping, ImportLimits limits, ProblemLog log)
{
    private const int RecordsBetweenReports = 2_000;

    /// <summary>Records read so far, good and broken.</summary>
    public long Read { get; private set; }

    public async IAsyncEnumerable<CanonicalRow> ReadAsync(
        IProgress<WorkProgress>? progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        mapping.Check();
        var mapper = new RowMapper(mapping, file.Sha256!, limits);
        await foreach (var record in RecordReader.Create(source.Text, file, inspection, limits).ReadAsync(cancellationToken))
        {
            Read++;
            if (Read % RecordsBetweenReports == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Report(new WorkProgress("Reading", source.Position, source.Length));
            }

            foreach (var row in Map(mapper, record)) yield return row;
        }
    }

    private List<CanonicalRow> Map(RowMapper mapper, SourceRecord record)
    {
        if (record.Problem is { } problem)
        {
            log.Add(problem);
            return [];
        }

        try
        {
            return [.. mapper.Map(record.Line, record.Fields!)];
        }
        catch (BrokenRowException e)
        {
            log.Add(new RowProblem(record.Line, e.Key, e.Message));
            return [];
        }
    }
}
