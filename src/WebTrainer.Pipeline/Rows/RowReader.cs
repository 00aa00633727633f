using System.Globalization;
using DuckDB.NET.Data;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Rows;

/// <summary>Pages, filters and counts the rows of a version on disk; safe for many callers at once, one is enough for a program.</summary>
/// <remarks>All queries share one database, so that what a page needed of a file is still in memory for the next.</remarks>
public sealed partial class RowReader(ImportLimits limits) : IDisposable
{
    private const int HistogramBins = 20;

    /// <summary>Beyond this offset a sorted version is sorted whole, once, rather than for each page.</summary>
    private const int DeepOffset = 2_000;
    private readonly SortOrders _orders = new();
    private readonly Lazy<DuckDBConnection> _database = new(() =>
    {
        var database = DuckDb.Open(limits.DuckDbLongRowMemoryMiB, limits.ScratchFolder);
        // Versions never change, so what a file says of its groups is read once.
        DuckDb.Execute(database, "SET parquet_metadata_cache = true");
        SearchFunction.Register(database);
        return database;
    });

    /// <summary>Keeps to the usual limits of <see cref="ImportLimits"/>.</summary>
    public RowReader()
        : this(new ImportLimits()) { }

    /// <param name="version">Path of the Parquet file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public Task<RowPage> ReadPageAsync(string version, RowQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query is { Offset: < 0 } or { Limit: < 0 or > RowQuery.MaxLimit })
        {
            throw new ArgumentOutOfRangeException(nameof(query), query, "Offset or limit is out of range.");
        }

        return QueryAsync(connection => ReadPage(connection, version, query, cancellationToken), cancellationToken);
    }

    /// <returns>The row; null where the version has none of this id.</returns>
    public Task<CanonicalRow?> FindAsync(string version, string id, CancellationToken cancellationToken = default) =>
        QueryAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText =
                    $"SELECT {VersionReader.ColumnsOf(connection, version)} FROM {DuckDb.Parquet(version)} WHERE id = $id";
                command.Parameters.Add(new DuckDBParameter("id", id));
                return DuckDb.ReadAll(command, VersionReader.ToRow, cancellationToken).FirstOrDefault();
            },
            cancellationToken
        );

    /// <returns>Where the row stands in the version, from 0; null where the version has none of this id.</returns>
    public Task<long?> PositionAsync(string version, string id, CancellationToken cancellationToken = default) =>
        QueryAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText = $"SELECT file_row_number FROM {DuckDb.Parquet(version)} WHERE id = $id LIMIT 1";
                command.Parameters.Add(new DuckDBParameter("id", id));
                return DuckDb.ReadAll(command, reader => (long?)reader.GetInt64(0), cancellationToken).SingleOrDefault();
            },
            cancellationToken
        );

    /// <returns>Labels and their rows, the most frequent first; with a null label for rows without one.</returns>
    public Task<IReadOnlyList<LabelCount>> CountLabelsAsync(string version, CancellationToken cancellationToken = default) =>
        QueryAsync(connection => CountLabels(connection, version, cancellationToken), cancellationToken);

    /// <returns>Names of the columns kept beside the texts, in alphabetical order.</returns>
    public Task<IReadOnlyList<string>> ExtraColumnsAsync(string version, CancellationToken cancellationToken = default) =>
        QueryAsync<IReadOnlyList<string>>(
            connection =>
            {
                if (VersionReader.ColumnsOf(connection, version).Contains("NULL AS extra", StringComparison.Ordinal))
                {
                    return [];
                }

                using var command = connection.CreateCommand();
                command.CommandText =
                    $"SELECT DISTINCT unnest(json_keys(extra)) AS name FROM {DuckDb.Parquet(version)} WHERE extra IS NOT NULL ORDER BY name";
                return DuckDb.ReadAll(command, r => r.GetString(0), cancellationToken);
            },
            cancellationToken
        );

    /// <summary>Counts what the version holds, in several passes over its columns.</summary>
    /// <param name="version">Path of the Parquet file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public Task<VersionProfile> ProfileAsync(string version, CancellationToken cancellationToken = default) =>
        QueryAsync(connection => Profile(connection, version, cancellationToken), cancellationToken);

    /// <summary>Closes the database; no query may be under way.</summary>
    public void Dispose()
    {
        if (_database.IsValueCreated)
        {
            _database.Value.Dispose();
        }
    }

    private Task<T> QueryAsync<T>(Func<DuckDBConnection, T> query, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
            {
                using var connection = _database.Value.Duplicate();
                connection.Open();
                return query(connection);
            },
            cancellationToken
        );

    private RowPage ReadPage(DuckDBConnection connection, string version, RowQuery query, CancellationToken cancellationToken)
    {
        // The page's row numbers come first; only their rows are then read whole, and only the groups that hold them.
        var source = DuckDb.Parquet(version);
        var isWhole = RowFilter.Where(query, source).Length == 0;
        var places =
            isWhole && query.Sort != RowSort.Position && query.Offset > DeepOffset
                ? DeepPlaces(connection, version, query, cancellationToken)
            : isWhole && query is { Sort: RowSort.Position, Descending: false }
                ? [.. Enumerable.Range((int)Math.Min(query.Offset, int.MaxValue - RowQuery.MaxLimit), query.Limit)]
            : Places(connection, source, query, $"{RowFilter.OrderBy(query)} LIMIT {query.Limit} OFFSET {query.Offset}", cancellationToken);
        var rows = RowsAt(connection, version, places, cancellationToken);

        // A page that is not full is the last one and tells how many there are; a search for few rows then reads the file once.
        var isLast = rows.Count < query.Limit && (rows.Count > 0 || query.Offset == 0);
        return new RowPage(rows, isLast ? query.Offset + rows.Count : Count(connection, version, query, cancellationToken));
    }

    private int[] DeepPlaces(DuckDBConnection connection, string version, RowQuery query, CancellationToken cancellationToken)
    {
        var key = new SortOrders.Key(version, File.GetLastWriteTimeUtc(version), query.Sort, query.Descending);
        if (_orders.Find(key) is not { } order)
        {
            order = Places(connection, DuckDb.Parquet(version), query, RowFilter.OrderBy(query), cancellationToken);
            _orders.Keep(key, order);
        }

        var start = (int)Math.Min(query.Offset, order.Length);
        return order[start..Math.Min(start + query.Limit, order.Length)];
    }

    /// <returns>Row numbers in their order.</returns>
    private static int[] Places(
        DuckDBConnection connection,
        string source,
        RowQuery query,
        string order,
        CancellationToken cancellationToken
    )
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT file_row_number FROM {source} {RowFilter.Where(query, source)} {order}";
        RowFilter.Bind(command, query);
        return [.. DuckDb.ReadAll(command, reader => (int)reader.GetInt64(0), cancellationToken)];
    }

    /// <returns>The rows with these numbers, in the order of the numbers; numbers beyond the end have none.</returns>
    private static List<CanonicalRow> RowsAt(DuckDBConnection connection, string version, int[] places, CancellationToken cancellationToken)
    {
        if (places.Length == 0)
        {
            return [];
        }

        var (low, high) = (places.Min(), places.Max());
        // A range is met by the groups' own statistics, numbers one by one are not.
        var numbers = high - low < places.Length ? "" : $" AND file_row_number IN ({string.Join(',', places)})";
        using var command = connection.CreateCommand();
        command.CommandText = string.Create(
            CultureInfo.InvariantCulture,
            $"SELECT {VersionReader.ColumnsOf(connection, version)}, file_row_number FROM {DuckDb.Parquet(version)} WHERE file_row_number BETWEEN {low} AND {high}{numbers}"
        );
        var found = DuckDb
            .ReadAll(
                command,
                reader => (Place: (int)reader.GetInt64(VersionReader.ColumnCount), Row: VersionReader.ToRow(reader)),
                cancellationToken
            )
            .ToDictionary(r => r.Place, r => r.Row);
        return [.. places.Where(found.ContainsKey).Select(place => found[place])];
    }

    private static long Count(DuckDBConnection connection, string version, RowQuery query, CancellationToken cancellationToken)
    {
        using var count = connection.CreateCommand();
        var source = DuckDb.Parquet(version);
        count.CommandText = $"SELECT count(*) FROM {source} {RowFilter.Where(query, source)}";
        RowFilter.Bind(count, query);
        return DuckDb.ReadAll(count, r => r.GetInt64(0), cancellationToken).Single();
    }

    private static IReadOnlyList<LabelCount> CountLabels(DuckDBConnection connection, string version, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT label, count(*) AS n, count(*) FILTER (split = 'train'), count(*) FILTER (split = 'test')
            FROM {DuckDb.Parquet(version)} GROUP BY label ORDER BY n DESC, label
            """;
        return DuckDb.ReadAll(
            command,
            r => new LabelCount(r.IsDBNull(0) ? null : r.GetString(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3)),
            cancellationToken
        );
    }

    private static VersionProfile Profile(DuckDBConnection connection, string version, CancellationToken cancellationToken)
    {
        using var totals = connection.CreateCommand();
        var source = DuckDb.Parquet(version);
        totals.CommandText = $"""
            SELECT count(*), count(*) - count(response), count(*) - count(DISTINCT prompt), count(*) FILTER (length(prompt) > (SELECT {RowFilter.FarLength} FROM {source}))
            FROM {source}
            """;
        var (rows, unanswered, repeated, far) = DuckDb
            .ReadAll(totals, r => (r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3)), cancellationToken)
            .Single();

        using var splits = connection.CreateCommand();
        splits.CommandText = $"SELECT split, count(*) FROM {DuckDb.Parquet(version)} WHERE split IS NOT NULL GROUP BY split";
        return new VersionProfile
        {
            Rows = rows,
            Unanswered = unanswered,
            RepeatedPrompts = repeated,
            FarTooLong = far,
            Splits = DuckDb.ReadAll(splits, r => (DataSplitNames.Parse(r.GetString(0)), r.GetInt64(1)), cancellationToken).ToDictionary(),
            Labels = CountLabels(connection, version, cancellationToken),
            PromptLengths = Histogram(connection, version, "prompt", cancellationToken),
            ResponseLengths = Histogram(connection, version, "response", cancellationToken),
        };
    }

    /// <param name="column">A name from this class, never from outside.</param>
    private static List<LengthBin> Histogram(
        DuckDBConnection connection,
        string version,
        string column,
        CancellationToken cancellationToken
    )
    {
        using var command = connection.CreateCommand();
        command.CommandText = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            WITH lengths AS (SELECT length({column}) AS n FROM {DuckDb.Parquet(version)} WHERE {column} IS NOT NULL),
                 span AS (SELECT min(n) AS low, (max(n) - min(n)) // {HistogramBins} + 1 AS width FROM lengths)
            SELECT low + (n - low) // width * width AS first, any_value(width), count(*) FROM lengths, span GROUP BY first ORDER BY first
            """
        );
        return DuckDb.ReadAll(
            command,
            r => new LengthBin(r.GetInt64(0), r.GetInt64(0) + r.GetInt64(1) - 1, r.GetInt64(2)),
            cancellationToken
        );
    }
}
