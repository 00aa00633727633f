using DuckDB.NET.Data;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Cleaning;

/// <summary>The list of rows that aren't in a cleaned version, as a Parquet file that lasts as long as the version.</summary>
internal static class SetAsideFile
{
    private const int MemoryMiB = 256;

    /// <param name="target">Path of the file, which must not exist.</param>
    /// <returns>The path; null, and no file, where there are no rows.</returns>
    public static Task<string?> WriteAsync(string target, IEnumerable<SetAsideRow> rows, CancellationToken cancellationToken) =>
        Task.Run(() => Write(target, rows, cancellationToken), cancellationToken);

    private static string? Write(string target, IEnumerable<SetAsideRow> rows, CancellationToken cancellationToken)
    {
        using var scratch = new ScratchFolder(target + ".tmp");
        using var connection = DuckDb.Open(MemoryMiB, scratch.Path);
        DuckDb.Execute(connection, "CREATE TABLE aside (id VARCHAR, step INTEGER, reason VARCHAR, twin VARCHAR)", cancellationToken);
        if (Append(connection, rows, cancellationToken) == 0)
        {
            return null;
        }

        var parquet = Path.Combine(scratch.Path, "aside.parquet");
        DuckDb.Execute(connection, $"COPY (FROM aside) TO {DuckDb.Literal(parquet)} (FORMAT parquet, COMPRESSION zstd)", cancellationToken);
        File.Move(parquet, target, overwrite: false);
        return target;
    }

    private static long Append(DuckDBConnection connection, IEnumerable<SetAsideRow> rows, CancellationToken cancellationToken)
    {
        long count = 0;
        using var appender = connection.CreateAppender("aside");
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            appender.CreateRow().AppendValue(row.Id).AppendValue(row.Step).AppendValue(row.Reason).AppendValue(row.TwinId).EndRow();
            count++;
        }

        return count;
    }
}
