using System.Globalization;
using DuckDB.NET.Data;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Rows;

/// <summary>Pages, filters and counts the rows of a version on disk; safe for many callers at once, one is enough for a program.</summary>
/// <remarks>All queries share one database, so that what a page needed of a file is still in memory for the next.</remarks>
public sealed partial class RowReader(ImportLimits limits) : IDisposable
{
    private const int HistogramBins = 20;
    private readonly Lazy<DuckDBConnection> _database = new(() => DuckDb.Open(limits.DuckDbLongRowMemoryMiB, Path.GetTempPath()));

    public RowReader()
        : this(new ImportLimits())
    {
    }

    /// <param name="version">Path of the Parquet file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public Task<RowPage> ReadPageAsync(string version, RowQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query is { Offset: < 0 } or { Limit: < 0 or > RowQuery.MaxLimit })
            throw new ArgumentOutOfRangeException(nameof(query), query, "Offset or limit is out of range.");
        return QueryAsync(connection => ReadPage(connection, version, query, cancellationToken), cancellationToken);
    }

    /// <returns>The row; null where the version has none of this id.</returns>
    public Task<CanonicalRow?> FindAsync(string version, string id, CancellationToken cancellationToken = default) =>
        QueryAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText = $"SELECT {VersionReader.ColumnsOf(connection, version)} FROM {DuckDb.Parquet(version)} WHERE id = $id";
                command.Parameters.Add(new DuckDBParameter("id", id));
                return ReadAll(command, VersionReader.ToRow, cancellationToken).FirstOrDefault();
            },
            cancellationToken);

    /// <returns>Labels and their rows, the most frequent first; with a null label for rows without one.</returns>
    public Task<IReadOnlyList<LabelCount>> CountLabelsAsync(string version, CancellationToken cancellationToken = default) =>
        QueryAsync(connection => CountLabels(connection, version, cancellationToken), cancellationToken);

    /// <returns>Names of the columns kept beside the texts, in alphabetical order.</returns>
    public Task<IReadOnlyList<string>> ExtraColumnsAsync(string version, CancellationToken cancellationToken = default) =>
        QueryAsync<IReadOnlyList<string>>(
            connection =>
            {
                if (VersionReader.ColumnsOf(connection, version).Contains("NULL AS extra", StringComparison.Ordinal)) return [];
                using var command = connection.CreateCommand();
                command.CommandText = $"SELECT DISTINCT unnest(json_keys(extra)) AS name FROM {DuckDb.Parquet(version)} WHERE extra IS NOT NULL ORDER BY name";
                return ReadAll(command, r => r.GetString(0), cancellationToken);
            },
            cancellationToken);

    public Task<VersionProfile> ProfileAsync(string version, CancellationToken cancellationToken = default) =>
        QueryAsync(connection => Profile(connection, version, cancellationToken), cancellationToken);

    public void Dispose()
    {
        if (_database.IsValueCreated) _database.Value.Dispose();
    }

    private Task<T> QueryAsync<T>(Func<DuckDBConnection, T> query, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            using var connection = _database.Value.Duplicate();
            connection.Open();
            return query(connection);
        },
        cancellationToken);

    private static RowPage ReadPage(DuckDBConnection connection, string version, RowQuery query, CancellationToken cancellationToken)
    {
        var source = DuckDb.Parquet(version);
        var where = RowFilter.Where(query, source);

        // Sorting finds the page's row numbers first; only their rows are then read whole.
        using var page = connection.CreateCommand();
        page.CommandText = $"""
            SELECT {VersionReader.ColumnsOf(connection, version)} FROM {source}
            WHERE file_row_number IN (SELECT file_row_number FROM {source} {where} {RowFilter.OrderBy(query)} LIMIT $limit OFFSET $offset)
            {RowFilter.OrderBy(query)}
            """;
        RowFilter.Bind(page, query);
        page.Parameters.Add(new DuckDBParameter("limit", query.Limit));
        page.Parameters.Add(new DuckDBParameter("offset", query.Offset));
        var rows = ReadAll(page, VersionReader.ToRow, cancellationToken);

        // A page that is not full is the last one and tells how many there are; a search for few rows then reads the file once.
        var isLast = rows.Count < query.Limit && (rows.Count > 0 || query.Offset == 0);
        return new RowPage(rows, isLast ? query.Offset + rows.Count : Count(connection, version, query, cancellationToken));
    }

    private static long Count(DuckDBConnection connection, string version, RowQuery query, CancellationToken cancellationToken)
    {
        using var count = connection.CreateCommand();
        var source = DuckDb.Parquet(version);
        count.CommandText = $"SELECT count(*) FROM {source} {RowFilter.Where(query, source)}";
        RowFilter.Bind(count, query);
        return ReadAll(count, r => r.GetInt64(0), cancellationToken).Single();
    }

    private static IReadOnlyList<LabelCount> CountLabels(DuckDBConnection connection, string version, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT label, count(*) AS n FROM {DuckDb.Parquet(version)} GROUP BY label ORDER BY n DESC, label";
        return ReadAll(command, r => new LabelCount(r.IsDBNull(0) ? null : r.GetString(0), r.GetInt64(1)), cancellationToken);
    }

    private static VersionProfile Profile(DuckDBConnection connection, string version, CancellationToken cancellationToken)
    {
        using var totals = connection.CreateCommand();
        var source = DuckDb.Parquet(version);
        totals.CommandText =
            $"""
            SELECT count(*), count(*) - count(response), count(*) - count(DISTINCT prompt), count(*) FILTER (length(prompt) > (SELECT {RowFilter.FarLength} FROM {source}))
            FROM {source}
            """;
        var (rows, unanswered, repeated, far) =
            ReadAll(totals, r => (r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3)), cancellationToken).Single();

        using var splits = connection.CreateCommand();
        splits.CommandText = $"SELECT split, count(*) FROM {DuckDb.Parquet(version)} WHERE split IS NOT NULL GROUP BY split";
        return new VersionProfile
        {
            Rows = rows,
            Unanswered = unanswered,
            RepeatedPrompts = repeated,
            FarTooLong = far,
            Splits = ReadAll(splits, r => (DataSplitNames.Parse(r.GetString(0)), r.GetInt64(1)), cancellationToken).ToDictionary(),
            Labels = CountLabels(connection, version, cancellationToken),
            PromptLengths = Histogram(connection, version, "prompt", cancellationToken),
            ResponseLengths = Histogram(connection, version, "response", cancellationToken),
        };
    }

    /// <param name="column">A name from this class, never from outside.</param>
    private static List<LengthBin> Histogram(DuckDBConnection connection, string version, string column, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
        command.CommandText = string.Create(CultureInfo.InvariantCulture, $"""
            WITH lengths AS (SELECT length({column}) AS n FROM {DuckDb.Parquet(version)} WHERE {column} IS NOT NULL),
                 span AS (SELECT min(n) AS low, (max(n) - min(n)) // {HistogramBins} + 1 AS width FROM lengths)
            SELECT low + (n - low) // width * width AS first, any_value(width), count(*) FROM lengths, span GROUP BY first ORDER BY first
            """);
        return ReadAll(
            command, r => new LengthBin(r.GetInt64(0), r.GetInt64(0) + r.GetInt64(1) - 1, r.GetInt64(2)), cancellationToken);
    }

    private static List<T> ReadAll<T>(DuckDBCommand command, Func<DuckDBDataReader, T> read, CancellationToken cancellationToken)
    {
        using var cancelling = cancellationToken.Register(command.Cancel);
        cancellationToken.ThrowIfCancellationRequested();
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }
}
