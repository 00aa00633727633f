using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Import;

/// <summary>Makes a dataset version of an uploaded file.</summary>
public sealed class DatasetImporter(ImportLimits limits)
{
    /// <summary>Keeps to the usual limits of <see cref="ImportLimits"/>.</summary>
    public DatasetImporter()
        : this(new ImportLimits()) { }

    /// <summary>Reads the file row by row; broken rows are reported and left out.</summary>
    /// <param name="target">Path of the Parquet file, which must not exist. On failure or cancellation nothing is left behind.</param>
    /// <exception cref="DataProblemException">No row is good, a row is too long, or the mapping lacks a field.</exception>
    /// <exception cref="IOException">The disk is full or <paramref name="target"/> exists.</exception>
    public async Task<ImportReport> ImportAsync(
        SourceFile file,
        FileInspection inspection,
        ColumnMapping mapping,
        string target,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(mapping);
        mapping.Check();
        var clock = Stopwatch.StartNew();
        var sha256 = file.Sha256 ?? await HashAsync(file.Path, cancellationToken);
        var log = new ProblemLog(limits.MaxProblemsListed);
        await using var source = await SourceStream.OpenAsync(file.Path, inspection.Encoding, cancellationToken);
        var rows = new RowSource(source, file with { Sha256 = sha256 }, inspection, mapping, limits, log);
        var version = await new VersionWriter(limits).WriteAsync(
            RefuseIfEmpty(rows.ReadAsync(progress, cancellationToken), file, log, cancellationToken),
            target,
            progress,
            cancellationToken
        );
        return new ImportReport
        {
            Version = version,
            RecordsRead = rows.Read,
            ProblemCount = log.Total,
            Problems = log.Listed,
            Unused = rows.Unused,
            Mapping = mapping,
            SourceSha256 = sha256,
            Seconds = clock.Elapsed.TotalSeconds,
        };
    }

    /// <summary>A file without a good row is refused, and its first problem says why.</summary>
    private static async IAsyncEnumerable<CanonicalRow> RefuseIfEmpty(
        IAsyncEnumerable<CanonicalRow> rows,
        SourceFile file,
        ProblemLog log,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var any = false;
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            any = true;
            yield return row;
        }

        if (any)
        {
            yield break;
        }

        if (log.Total == 0)
        {
            throw new DataProblemException($"'{file.Name}' has no rows.");
        }

        var first = log.Listed[0];
        throw new DataProblemException(
            $"None of the {log.Total:N0} rows of '{file.Name}' can be used. {SourcePlace.Title(first.Line)}: {first.Message}",
            first.Line
        );
    }

    private static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }
}
