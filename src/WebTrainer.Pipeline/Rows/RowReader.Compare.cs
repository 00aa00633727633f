using DuckDB.NET.Data;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Rows;

/// <summary>Two versions side by side.</summary>
public sealed partial class RowReader
{
    /// <summary>
    /// A conversation may be stored in one version and follow from the texts in the other: then it is read to be compared.
    /// </summary>
    private static readonly string s_differs = $"""
        ((old.system, old.prompt, old.response, old.label, old.split) IS DISTINCT FROM (new.system, new.prompt, new.response, new.label, new.split)
            OR CASE WHEN (old.messages IS NULL) = (new.messages IS NULL) THEN old.messages IS DISTINCT FROM new.messages
               ELSE json({StoredRow.MessagesSql("old")}) IS DISTINCT FROM json({StoredRow.MessagesSql("new")}) END)
        """;

    /// <param name="before">Path of the earlier version.</param>
    /// <param name="after">Path of the later one.</param>
    /// <param name="change">Which differences to list.</param>
    /// <param name="limit">Rows to return, 0 to <see cref="RowQuery.MaxLimit"/>.</param>
    public Task<VersionDifference> CompareAsync(
        string before,
        string after,
        RowChange change,
        long offset,
        int limit,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, RowQuery.MaxLimit);
        return QueryAsync(connection => Compare(connection, before, after, change, offset, limit, cancellationToken), cancellationToken);
    }

    private static VersionDifference Compare(
        DuckDBConnection connection,
        string before,
        string after,
        RowChange change,
        long offset,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var joined = $"FROM {DuckDb.Parquet(before)} old FULL JOIN {DuckDb.Parquet(after)} new ON old.id = new.id";
        using var count = connection.CreateCommand();
        count.CommandText = $"""
            SELECT count(*) FILTER (old.id IS NULL), count(*) FILTER (new.id IS NULL),
                   count(*) FILTER (old.id IS NOT NULL AND new.id IS NOT NULL AND {s_differs}), count(*) {joined}
            """;
        var (added, removed, changed, all) = DuckDb
            .ReadAll(count, r => (r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3)), cancellationToken)
            .Single();

        using var page = connection.CreateCommand();
        page.CommandText = $"""
            SELECT coalesce(old.id, new.id) {joined} WHERE {Where(change)}
            ORDER BY coalesce(new.file_row_number, old.file_row_number) LIMIT $limit OFFSET $offset
            """;
        page.Parameters.Add(new DuckDBParameter("limit", limit));
        page.Parameters.Add(new DuckDBParameter("offset", offset));
        var ids = DuckDb.ReadAll(page, r => r.GetString(0), cancellationToken);
        var old = RowsOf(connection, before, ids, cancellationToken);
        var made = RowsOf(connection, after, ids, cancellationToken);
        var rows = ids.Select(id => new RowDifference(change, old.GetValueOrDefault(id), made.GetValueOrDefault(id)));
        return new VersionDifference(added, removed, changed, all - added - removed - changed, [.. rows]);
    }

    private static Dictionary<string, CanonicalRow> RowsOf(
        DuckDBConnection connection,
        string version,
        IReadOnlyList<string> ids,
        CancellationToken cancellationToken
    )
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            $"SELECT {VersionReader.ColumnsOf(connection, version)} FROM {DuckDb.Parquet(version)} WHERE id IN (SELECT unnest($ids))";
        command.Parameters.Add(new DuckDBParameter("ids", ids));
        return DuckDb.ReadAll(command, VersionReader.ToRow, cancellationToken).ToDictionary(r => r.Id);
    }

    private static string Where(RowChange change) =>
        change switch
        {
            RowChange.Added => "old.id IS NULL",
            RowChange.Removed => "new.id IS NULL",
            RowChange.Changed => $"old.id IS NOT NULL AND new.id IS NOT NULL AND {s_differs}",
            _ => throw new ArgumentOutOfRangeException(nameof(change), change, message: null),
        };
}
