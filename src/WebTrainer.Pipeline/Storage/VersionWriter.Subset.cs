using DuckDB.NET.Data;

namespace WebTrainer.Pipeline.Storage;

/// <summary>Versions that are another one without some of its rows: copied inside DuckDB, without a row in memory here.</summary>
public sealed partial class VersionWriter
{
    /// <param name="version">Path of the version to copy.</param>
    /// <param name="leftOut">Positions of the rows that don't come along.</param>
    /// <param name="target">Path of the Parquet file, which must not exist. On failure or cancellation nothing is left behind.</param>
    /// <exception cref="DataProblemException">No row is left.</exception>
    /// <exception cref="IOException">The disk is full or <paramref name="target"/> exists.</exception>
    internal Task<VersionFile> WriteSubsetAsync(
        string version,
        IReadOnlyCollection<int> leftOut,
        string target,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    ) =>
        WriteAsync(
            (scratch, parquet) => Task.FromResult(CopyRows(version, leftOut, scratch, parquet, progress, cancellationToken)),
            target,
            cancellationToken
        );

    private (long Rows, long Labels) CopyRows(
        string version,
        IReadOnlyCollection<int> leftOut,
        string scratch,
        string parquet,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        using var connection = DuckDb.Open(limits.DuckDbMemoryMiB, scratch);
        var (rows, bytes) = Sizes(connection, version);
        if (rows == leftOut.Count)
        {
            throw new DataProblemException("There are no rows to make a dataset version of.");
        }

        progress?.Report(new WorkProgress("Writing", 0, rows - leftOut.Count));
        DuckDb.Execute(connection, "CREATE TABLE left_out (position BIGINT)", cancellationToken);
        using (var appender = connection.CreateAppender("left_out"))
        {
            foreach (var position in leftOut)
            {
                appender.CreateRow().AppendValue((long)position).EndRow();
            }
        }

        Copy(
            connection,
            $"SELECT * EXCLUDE (file_row_number) FROM {DuckDb.Parquet(version)} WHERE file_row_number NOT IN (SELECT position FROM left_out)",
            parquet,
            bytes / rows,
            cancellationToken
        );
        progress?.Report(new WorkProgress("Writing", rows - leftOut.Count, rows - leftOut.Count));
        return (rows - leftOut.Count, Labels(connection, parquet));
    }

    /// <returns>Rows of a version, and bytes of all columns before they were compressed.</returns>
    private static (long Rows, long Bytes) Sizes(DuckDBConnection connection, string version)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            $"SELECT (SELECT num_rows FROM parquet_file_metadata({DuckDb.Literal(version)})), (SELECT sum(total_uncompressed_size)::BIGINT FROM parquet_metadata({DuckDb.Literal(version)}))";
        using var reader = command.ExecuteReader();
        reader.Read();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    private static long Labels(DuckDBConnection connection, string parquet)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(DISTINCT label) FROM {DuckDb.Parquet(parquet)}";
        return (long)command.ExecuteScalar()!;
    }
}
