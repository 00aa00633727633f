using DuckDB.NET.Data;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Export;

/// <summary>Rows with where they came from as one Parquet file: the columns of a version, and those of the origin behind them.</summary>
internal static class ParquetExport
{
    /// <summary>Names of the columns of the origin, which CSV has too.</summary>
    public static readonly string[] OriginColumns =
    [
        "source_file",
        "source_sha256",
        "source_line",
        "version",
        "set_aside",
        "set_aside_step",
        "set_aside_reason",
        "set_aside_twin",
    ];

    private const string TableSql = """
        CREATE TABLE rows (id VARCHAR, line BIGINT, split VARCHAR, system VARCHAR, prompt VARCHAR, response VARCHAR, label VARCHAR, messages VARCHAR, extra VARCHAR,
            source_file VARCHAR, source_sha256 VARCHAR, source_line BIGINT, version VARCHAR, set_aside BOOLEAN, set_aside_step VARCHAR, set_aside_reason VARCHAR, set_aside_twin VARCHAR)
        """;

    /// <returns>Rows written.</returns>
    public static async Task<long> WriteAsync(
        IAsyncEnumerable<(CanonicalRow Row, RowOrigin Origin)> rows,
        Stream target,
        ImportLimits limits,
        CancellationToken cancellationToken
    )
    {
        using var scratch = new ScratchFolder(Path.Combine(limits.ScratchFolder, $"export-{Guid.NewGuid():N}"));
        var parquet = Path.Combine(scratch.Path, "rows.parquet");
        var count = await Task.Run(() => BuildAsync(rows, scratch.Path, parquet, limits, cancellationToken), cancellationToken);
        await using var file = File.OpenRead(parquet);
        await file.CopyToAsync(target, cancellationToken);
        return count;
    }

    private static async Task<long> BuildAsync(
        IAsyncEnumerable<(CanonicalRow Row, RowOrigin Origin)> rows,
        string scratch,
        string parquet,
        ImportLimits limits,
        CancellationToken cancellationToken
    )
    {
        using var connection = DuckDb.Open(limits.DuckDbMemoryMiB, scratch);
        DuckDb.Execute(connection, TableSql, cancellationToken);
        long count = 0;
        using (var appender = connection.CreateAppender("rows"))
        {
            await foreach (var (row, origin) in rows.WithCancellation(cancellationToken))
            {
                Append(appender, StoredRow.Of(row), origin);
                count++;
            }
        }

        DuckDb.Execute(connection, $"COPY rows TO {DuckDb.Literal(parquet)} (FORMAT parquet, COMPRESSION zstd)", cancellationToken);
        return count;
    }

    private static void Append(DuckDBAppender appender, StoredRow stored, RowOrigin origin) =>
        appender
            .CreateRow()
            .AppendValue(stored.Row.Id)
            .AppendValue(stored.Row.Line)
            .AppendValue(stored.Row.Split?.ToName())
            .AppendValue(stored.Row.System)
            .AppendValue(stored.Row.Prompt)
            .AppendValue(stored.Row.Response)
            .AppendValue(stored.Row.Label)
            .AppendValue(stored.Messages)
            .AppendValue(stored.Extra)
            .AppendValue(origin.File)
            .AppendValue(origin.FileSha256)
            .AppendValue(origin.Line == 0 ? null : (long?)origin.Line)
            .AppendValue(origin.Version)
            .AppendValue((bool?)origin.IsSetAside)
            .AppendValue(origin.Step)
            .AppendValue(origin.Reason)
            .AppendValue(origin.Twin)
            .EndRow();
}
