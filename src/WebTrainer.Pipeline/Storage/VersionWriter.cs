using System.Globalization;
using System.Security.Cryptography;
using DuckDB.NET.Data;

namespace WebTrainer.Pipeline.Storage;

/// <summary>Writes rows from anywhere as a dataset version.</summary>
public sealed partial class VersionWriter(ImportLimits limits)
{
    /// <summary>Small enough that fifty rows from all over a large file, as a sorted page shows them, cost a fraction of it.</summary>
    private const long MostGroupRows = 4_096;

    /// <summary>The unit in which DuckDB works.</summary>
    private const long LeastGroupRows = 2_048;

    /// <summary>DuckDB holds a group in memory while it writes it, so groups of long rows have fewer of them.</summary>
    private const long GroupCharacters = 32 * 1024 * 1024;

    /// <summary>The scanned rows, the group under way and what is compressed of it.</summary>
    private const long GroupCopies = 5;

    /// <summary>Keeps to the usual limits of <see cref="ImportLimits"/>.</summary>
    public VersionWriter()
        : this(new ImportLimits()) { }

    /// <param name="target">Path of the Parquet file, which must not exist. On failure or cancellation nothing is left behind.</param>
    /// <exception cref="DataProblemException">There are no rows, or two have the same id.</exception>
    /// <exception cref="IOException">The disk is full or <paramref name="target"/> exists.</exception>
    public async Task<VersionFile> WriteAsync(
        IAsyncEnumerable<CanonicalRow> rows,
        string target,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(rows);
        return await WriteAsync(
            (scratch, parquet) => BuildAsync(rows, scratch, parquet, progress, cancellationToken),
            target,
            cancellationToken
        );
    }

    /// <param name="build">Gets a folder to work in and the path of the file to make; gives its rows and distinct labels.</param>
    private static async Task<VersionFile> WriteAsync(
        Func<string, string, Task<(long Rows, long Labels)>> build,
        string target,
        CancellationToken cancellationToken
    )
    {
        if (File.Exists(target))
        {
            throw new IOException("The dataset version exists already.");
        }

        using var scratch = new ScratchFolder(target + ".tmp");
        var parquet = Path.Combine(scratch.Path, "version.parquet");
        // DuckDB's calls block: all of it runs on a thread of its own pool slot, never on the caller's context.
        var (count, labels) = await Task.Run(() => TryBuildAsync(() => build(scratch.Path, parquet), cancellationToken), cancellationToken);
        var sha256 = await SyncAndHashAsync(parquet, cancellationToken);
        var bytes = new FileInfo(parquet).Length;
        File.Move(parquet, target, overwrite: false);
        return new VersionFile(target, sha256, count, bytes, labels);
    }

    private static async Task<(long Rows, long Labels)> TryBuildAsync(
        Func<Task<(long Rows, long Labels)>> build,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await build();
        }
        catch (DuckDBException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"The dataset version could not be written: {e.Message}", e);
        }
    }

    private async Task<(long Rows, long Labels)> BuildAsync(
        IAsyncEnumerable<CanonicalRow> rows,
        string scratch,
        string parquet,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        // Rows come on one thread; a second one of DuckDB's would do nothing, while the caller asks again and again whether it has.
        using var connection = DuckDb.Open(limits.DuckDbMemoryMiB, scratch, threads: 1);
        var incoming = new IncomingRows();
        incoming.Register(connection);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var filling = Task.Run(() => incoming.FillAsync(rows, stop.Token), CancellationToken.None);
        try
        {
            // One thread reads what comes, so the order holds; only without the promise of it does DuckDB count the bytes of a group.
            DuckDb.Execute(
                connection,
                "SET preserve_insertion_order = false; "
                    + CopySql("FROM " + IncomingRows.Table, parquet, MostGroupRows, $", ROW_GROUP_SIZE_BYTES {GroupCharacters}"),
                cancellationToken
            );
        }
        catch
        {
            await stop.CancelAsync();
            await filling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        await filling;
        if (incoming.Count == 0)
        {
            throw new DataProblemException("There are no rows to make a dataset version of.");
        }

        progress?.Report(new WorkProgress("Writing", incoming.Count, incoming.Count));
        return (incoming.Count, Check(connection, parquet, incoming.Count));
    }

    // The lowest level makes files 3 % larger than the usual one, in seven eighths of the processor time of a whole import.
    private static string CopySql(string query, string parquet, long groupRows, string more = "") =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"COPY ({query}) TO {DuckDb.Literal(parquet)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {groupRows}{more})"
        );

    private void Copy(DuckDBConnection connection, string query, string parquet, long charactersPerRow, CancellationToken cancellationToken)
    {
        MakeRoom(connection, charactersPerRow);
        var groupRows = Math.Clamp(GroupCharacters / Math.Max(1, charactersPerRow), LeastGroupRows, MostGroupRows);
        DuckDb.Execute(connection, CopySql(query, parquet, groupRows), cancellationToken);
    }

    /// <summary>DuckDB holds thousands of rows at once and several copies of them: long rows need more than the usual limit.</summary>
    private void MakeRoom(DuckDBConnection connection, long charactersPerRow)
    {
        var needed = Math.Min(GroupCopies * LeastGroupRows * charactersPerRow / (1024 * 1024), limits.DuckDbLongRowMemoryMiB);
        if (needed > limits.DuckDbMemoryMiB)
        {
            DuckDb.Execute(connection, string.Create(CultureInfo.InvariantCulture, $"SET threads = 1; SET memory_limit = '{needed}MiB'"));
        }
    }

    /// <returns>The number of distinct labels.</returns>
    private static long Check(DuckDBConnection connection, string parquet, long count)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(DISTINCT id), count(DISTINCT label) FROM {DuckDb.Parquet(parquet)}";
        using var reader = command.ExecuteReader();
        reader.Read();
        if (reader.GetInt64(0) != count)
        {
            throw new DataProblemException("Two rows have the same id: the same file is in it twice.");
        }

        return reader.GetInt64(1);
    }

    private static async Task<string> SyncAndHashAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        stream.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }
}
