using System.Globalization;
using DuckDB.NET.Data;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Rows;

/// <summary>What a query gave.</summary>
/// <param name="IsCut">Whether there were more rows than are given.</param>
public sealed record SqlResult(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows, bool IsCut, double Seconds);

/// <summary>Lets engineers ask a version anything in SQL, and nothing else of the server.</summary>
/// <remarks>
/// Each query has a database of its own, in memory. The version is its only table, <c>rows</c>: a view would need the right to read files
/// while it is asked, so the rows are copied in before all access to files, networks and extensions is shut and the settings locked. What
/// it does to its copy is gone with it.
/// </remarks>
public sealed class SqlBox(ImportLimits limits)
{
    public const int MaxQueryLength = 20_000;
    public const int MaxRows = 1_000;

    /// <summary>Characters of a value that are given.</summary>
    public const int MaxValueLength = 2_000;

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    public SqlBox()
        : this(new ImportLimits())
    {
    }

    /// <param name="version">Path of the version.</param>
    /// <exception cref="DataProblemException">The query is wrong, takes too long, or asks for what it may not.</exception>
    public async Task<SqlResult> QueryAsync(string version, string query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (string.IsNullOrWhiteSpace(query) || query.Length > MaxQueryLength) throw new DataProblemException($"Write a query of at most {MaxQueryLength:N0} characters.");
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(s_longest);
        try
        {
            return await Task.Run(() => Query(version, query, timeout.Token), timeout.Token);
        }
        catch (Exception e) when (e is DuckDBException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new DataProblemException(
                timeout.IsCancellationRequested ? $"The query took more than {s_longest.TotalSeconds:0} seconds. Narrow it." : $"The query was refused: {e.Message}", cause: e);
        }
    }

    private SqlResult Query(string version, string query, CancellationToken cancellationToken)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        using var scratch = new ScratchFolder(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N")));
        using var connection = DuckDb.Open(limits.DuckDbLongRowMemoryMiB, scratch.Path);
        DuckDb.Execute(connection, $"CREATE TABLE rows AS SELECT {VersionReader.ColumnsOf(connection, version)} FROM {DuckDb.Parquet(version)}", cancellationToken);
        DuckDb.Execute(connection, "SET enable_external_access = false; SET lock_configuration = true", cancellationToken);
        using var command = connection.CreateCommand();
        command.CommandText = query;
        using var cancelling = cancellationToken.Register(command.Cancel);
        cancellationToken.ThrowIfCancellationRequested();
        using var reader = command.ExecuteReader();
        var rows = new List<IReadOnlyList<string?>>();
        var more = reader.Read();
        for (; more && rows.Count < MaxRows; more = reader.Read()) rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => Text(reader, i))]);
        return new SqlResult([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)], rows, more, clock.Elapsed.TotalSeconds);
    }

    private static string? Text(DuckDBDataReader reader, int column)
    {
        if (reader.IsDBNull(column)) return null;
        var value = reader.GetValue(column);
        var text = value is string plain ? plain : value is System.Collections.IEnumerable ? System.Text.Json.JsonSerializer.Serialize(value) : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return text.Length > MaxValueLength ? text[..MaxValueLength] + "…" : text;
    }
}
