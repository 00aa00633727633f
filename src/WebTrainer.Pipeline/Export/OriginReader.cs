using System.Runtime.CompilerServices;
using DuckDB.NET.Data;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Export;

/// <summary>Rows of a version with where they came from, and after them those that were set aside on the way to it; all streamed.</summary>
internal sealed class OriginReader(VersionOrigins origins, ImportLimits limits)
{
    private const int BatchRows = 1_000;

    // Rows of one file stand together: the file of the last row is the likeliest of the next.
    private OriginFile? _last = origins.Files.Count > 0 ? origins.Files[0] : null;

    public async IAsyncEnumerable<(CanonicalRow Row, RowOrigin Origin)> ReadAsync(
        string version,
        DataSplit? split,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var row in new VersionReader(limits).ReadAsync(version, split, cancellationToken))
        {
            yield return (row, Origin(row, origins.Version));
        }

        foreach (var aside in origins.SetAside)
        {
            await foreach (var row in ReadAsideAsync(aside, split, cancellationToken))
            {
                yield return row;
            }
        }
    }

    private async IAsyncEnumerable<(CanonicalRow Row, RowOrigin Origin)> ReadAsideAsync(
        OriginAside aside,
        DataSplit? split,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var connection = await Task.Run(() => DuckDb.Open(limits.DuckDbLongRowMemoryMiB, limits.ScratchFolder), cancellationToken);
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT rows.*, aside.step, aside.reason, aside.twin
            FROM (SELECT {VersionReader.ColumnsOf(connection, aside.Cleaned)}, file_row_number FROM {DuckDb.Parquet(
                aside.Cleaned
            )}) rows JOIN {DuckDb.Parquet(aside.List)} aside ON rows.id = aside.id
            WHERE $split IS NULL OR rows.split = $split ORDER BY rows.file_row_number
            """;
        command.Parameters.Add(new DuckDBParameter("split", (object?)split?.ToName() ?? DBNull.Value));
        command.UseStreamingMode = true;
        using var reader = await Task.Run(command.ExecuteReader, cancellationToken);
        while (await Task.Run(() => ReadBatch(reader, aside), cancellationToken) is { Count: > 0 } batch)
        {
            foreach (var row in batch)
            {
                yield return row;
            }
        }
    }

    private List<(CanonicalRow, RowOrigin)> ReadBatch(DuckDBDataReader reader, OriginAside aside)
    {
        var step = reader.GetOrdinal("step");
        var batch = new List<(CanonicalRow, RowOrigin)>();
        while (batch.Count < BatchRows && reader.Read())
        {
            var row = VersionReader.ToRow(reader);
            var number = reader.GetInt32(step);
            batch.Add(
                (
                    row,
                    Origin(row, aside.Version) with
                    {
                        Step = $"{number + 1}. {aside.Steps[number]}",
                        Reason = reader.GetString(step + 1),
                        Twin = reader.IsDBNull(step + 2) ? null : reader.GetString(step + 2),
                    }
                )
            );
        }

        return batch;
    }

    private RowOrigin Origin(CanonicalRow row, string version)
    {
        var file = FileOf(row);
        return new RowOrigin(file?.Name, file?.Sha256, row.Line, version, null, null, null);
    }

    private OriginFile? FileOf(CanonicalRow row)
    {
        if (row.Line == 0)
        {
            return null;
        }

        if (_last is not null && (origins.Files.Count == 1 || row.IsFrom(_last.Sha256)))
        {
            return _last;
        }

        return origins.Files.FirstOrDefault(f => row.IsFrom(f.Sha256)) is { } found ? _last = found : null;
    }
}
