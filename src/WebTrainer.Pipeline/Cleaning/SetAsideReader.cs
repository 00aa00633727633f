using DuckDB.NET.Data;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Cleaning;

/// <summary>A row set aside, with what it says and with the row it repeats, as both stood before cleaning.</summary>
public sealed record SetAsideView(SetAsideRow Aside, CanonicalRow Row, CanonicalRow? Twin);

/// <param name="Total">Rows that match, on all pages.</param>
public sealed record SetAsidePage(IReadOnlyList<SetAsideView> Rows, long Total);

/// <summary>Kept rows and how many were set aside for each, the most repeated first.</summary>
public sealed record DuplicateCluster(CanonicalRow Kept, long Repetitions);

/// <summary>Reads the lists of rows that cleaning set aside.</summary>
public sealed class SetAsideReader(ImportLimits limits)
{
    private const string Columns = "id, step, reason, twin";

    /// <summary>Keeps to the usual limits of <see cref="ImportLimits"/>.</summary>
    public SetAsideReader()
        : this(new ImportLimits()) { }

    /// <param name="path">The list, as <see cref="CleanReport.SetAsidePath"/>.</param>
    public Task<IReadOnlyList<SetAsideRow>> AllAsync(string path, CancellationToken cancellationToken = default) =>
        QueryAsync($"SELECT {Columns} FROM {DuckDb.Parquet(path)}", [], ToAside, cancellationToken);

    /// <param name="cleaned">Path of the version that was cleaned, in which the rows still stand.</param>
    /// <param name="step">Only rows of this step, from 0; all when null.</param>
    /// <param name="twinId">Only rows that repeat this one; all when null.</param>
    public async Task<SetAsidePage> PageAsync(
        string path,
        string cleaned,
        int? step,
        string? twinId,
        long offset,
        int limit,
        CancellationToken cancellationToken = default
    )
    {
        const string Where = "WHERE ($step IS NULL OR step = $step) AND ($twin IS NULL OR twin = $twin)";
        DuckDBParameter[] filter = [new("step", (object?)step ?? DBNull.Value), new("twin", (object?)twinId ?? DBNull.Value)];
        var total = await QueryAsync($"SELECT count(*) FROM {DuckDb.Parquet(path)} {Where}", filter, r => r.GetInt64(0), cancellationToken);
        var rows = await QueryAsync(
            $"SELECT {Columns} FROM {DuckDb.Parquet(path)} {Where} ORDER BY file_row_number LIMIT $limit OFFSET $offset",
            [.. filter, new("limit", limit), new("offset", offset)],
            ToAside,
            cancellationToken
        );
        var texts = await TextsAsync(cleaned, rows.SelectMany(r => (string?[])[r.Id, r.TwinId]), cancellationToken);
        return new SetAsidePage(
            [.. rows.Select(r => new SetAsideView(r, texts[r.Id], r.TwinId is null ? null : texts[r.TwinId]))],
            total[0]
        );
    }

    /// <summary>The rows that stand for most repetitions.</summary>
    /// <param name="most">Clusters at most.</param>
    public async Task<IReadOnlyList<DuplicateCluster>> ClustersAsync(
        string path,
        string cleaned,
        int most,
        CancellationToken cancellationToken = default
    )
    {
        var clusters = await QueryAsync(
            $"SELECT twin, count(*) AS n FROM {DuckDb.Parquet(path)} WHERE twin IS NOT NULL GROUP BY twin ORDER BY n DESC, twin LIMIT $most",
            [new("most", most)],
            r => (Id: r.GetString(0), Rows: r.GetInt64(1)),
            cancellationToken
        );
        var texts = await TextsAsync(cleaned, clusters.Select(c => c.Id), cancellationToken);
        return [.. clusters.Select(c => new DuplicateCluster(texts[c.Id], c.Rows))];
    }

    private async Task<Dictionary<string, CanonicalRow>> TextsAsync(
        string version,
        IEnumerable<string?> ids,
        CancellationToken cancellationToken
    )
    {
        var wanted = ids.OfType<string>().Distinct().ToList();
        var rows = await QueryAsync(
            connection =>
                $"SELECT {VersionReader.ColumnsOf(connection, version)} FROM {DuckDb.Parquet(version)} WHERE id IN (SELECT unnest($ids))",
            [new("ids", wanted)],
            VersionReader.ToRow,
            cancellationToken
        );
        return rows.ToDictionary(r => r.Id);
    }

    private Task<IReadOnlyList<T>> QueryAsync<T>(
        string sql,
        IReadOnlyList<DuckDBParameter> parameters,
        Func<DuckDBDataReader, T> read,
        CancellationToken cancellationToken
    ) => QueryAsync(_ => sql, parameters, read, cancellationToken);

    private Task<IReadOnlyList<T>> QueryAsync<T>(
        Func<DuckDBConnection, string> sql,
        IReadOnlyList<DuckDBParameter> parameters,
        Func<DuckDBDataReader, T> read,
        CancellationToken cancellationToken
    ) =>
        Task.Run<IReadOnlyList<T>>(
            () =>
            {
                using var connection = DuckDb.Open(limits.DuckDbLongRowMemoryMiB, limits.ScratchFolder);
                using var command = connection.CreateCommand();
                command.CommandText = sql(connection);
                foreach (var parameter in parameters)
                {
                    command.Parameters.Add(new DuckDBParameter(parameter.ParameterName, parameter.Value));
                }

                return DuckDb.ReadAll(command, read, cancellationToken);
            },
            cancellationToken
        );

    private static SetAsideRow ToAside(DuckDBDataReader reader) =>
        new(reader.GetString(0), reader.GetInt32(1), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3));
}
