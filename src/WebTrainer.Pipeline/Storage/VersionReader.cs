using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.Json;
using DuckDB.NET.Data;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Storage;

/// <summary>All rows of a version in their order, streamed.</summary>
public sealed class VersionReader(ImportLimits limits)
{
    private const int BatchRows = 1_000;
    private const long BatchCharacters = 4 * 1024 * 1024;
    private static readonly IReadOnlyDictionary<string, string> s_noExtra = new Dictionary<string, string>();

    private const string Columns = "id, line, split, system, prompt, response, label, messages";

    /// <summary>How many columns <see cref="ColumnsOf"/> names.</summary>
    internal const int ColumnCount = 9;

    /// <summary>Keeps to the usual limits of <see cref="ImportLimits"/>.</summary>
    public VersionReader()
        : this(new ImportLimits()) { }

    /// <param name="version">Path of the Parquet file.</param>
    /// <param name="split">Only rows of this split; all when null.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public async IAsyncEnumerable<CanonicalRow> ReadAsync(
        string version,
        DataSplit? split = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        // The driver blocks: it reads batch by batch on another thread, so that the caller's context stays free.
        using var connection = await Task.Run(() => DuckDb.Open(limits.DuckDbLongRowMemoryMiB, limits.ScratchFolder), cancellationToken);
        using var command = connection.CreateCommand();
        command.CommandText =
            $"SELECT {ColumnsOf(connection, version)} FROM {DuckDb.Parquet(version)} WHERE $split IS NULL OR split = $split";
        command.Parameters.Add(new DuckDBParameter("split", (object?)split?.ToName() ?? DBNull.Value));
        command.UseStreamingMode = true;
        using var reader = await Task.Run(command.ExecuteReader, cancellationToken);
        while (await Task.Run(() => ReadBatch(reader), cancellationToken) is { Count: > 0 } batch)
        {
            foreach (var row in batch)
            {
                yield return row;
            }
        }
    }

    /// <summary>Ids of rows by their positions.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    internal Task<Dictionary<int, string>> IdsAsync(string version, IEnumerable<int> positions, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
                Pick(
                        version,
                        "BIGINT",
                        positions.Distinct(),
                        (row, position) => row.AppendValue((long)position),
                        "file_row_number",
                        cancellationToken
                    )
                    .ToDictionary(row => row.Position, row => row.Id),
            cancellationToken
        );

    /// <summary>Positions of rows by their ids; ids that no row has are left out.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    internal Task<HashSet<int>> PositionsAsync(string version, IEnumerable<string> ids, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
                Pick(version, "VARCHAR", ids, (row, id) => row.AppendValue(id), "id", cancellationToken)
                    .Select(row => row.Position)
                    .ToHashSet(),
            cancellationToken
        );

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public Task<long> CountAsync(string version, CancellationToken cancellationToken = default) =>
        Task.Run(
            () =>
            {
                using var connection = DuckDb.Open(limits.DuckDbMemoryMiB, limits.ScratchFolder);
                using var command = connection.CreateCommand();
                command.CommandText = $"SELECT count(*) FROM {DuckDb.Parquet(version)}";
                return (long)command.ExecuteScalar()!;
            },
            cancellationToken
        );

    /// <summary>At most so many rows, spread evenly over the version, in its order; always the same ones.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public async Task<IReadOnlyList<CanonicalRow>> SampleAsync(string version, int rows, CancellationToken cancellationToken = default)
    {
        var total = await CountAsync(version, cancellationToken);
        return await Task.Run(
            () =>
            {
                using var connection = DuckDb.Open(limits.DuckDbLongRowMemoryMiB, limits.ScratchFolder);
                using var command = connection.CreateCommand();
                command.CommandText =
                    $"SELECT {ColumnsOf(connection, version)} FROM {DuckDb.Parquet(version)} WHERE file_row_number % $every = 0 ORDER BY file_row_number";
                command.Parameters.Add(new DuckDBParameter("every", Stride(total, rows)));
                using var reader = command.ExecuteReader();
                var sample = new List<CanonicalRow>();
                while (reader.Read())
                {
                    sample.Add(ToRow(reader));
                }

                return sample;
            },
            cancellationToken
        );
    }

    /// <summary>Every so many rows one is in a sample.</summary>
    internal static long Stride(long total, int rows) => Math.Max(1, (total + rows - 1) / rows);

    private List<(int Position, string Id)> Pick<T>(
        string version,
        string type,
        IEnumerable<T> wanted,
        Action<IDuckDBAppenderRow, T> append,
        string column,
        CancellationToken cancellationToken
    )
    {
        var values = wanted.ToList();
        if (values.Count == 0)
        {
            return [];
        }

        using var connection = DuckDb.Open(limits.DuckDbMemoryMiB, limits.ScratchFolder);
        DuckDb.Execute(connection, $"CREATE TABLE wanted (value {type})", cancellationToken);
        using (var appender = connection.CreateAppender("wanted"))
        {
            foreach (var value in values)
            {
                var row = appender.CreateRow();
                append(row, value);
                row.EndRow();
            }
        }

        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT file_row_number, id FROM {DuckDb.Parquet(version)} WHERE {column} IN (SELECT value FROM wanted)";
        return DuckDb.ReadAll(command, reader => ((int)reader.GetInt64(0), reader.GetString(1)), cancellationToken);
    }

    private static List<CanonicalRow> ReadBatch(DuckDBDataReader reader)
    {
        var batch = new List<CanonicalRow>();
        long characters = 0;
        while (batch.Count < BatchRows && characters < BatchCharacters && reader.Read())
        {
            var row = ToRow(reader);
            batch.Add(row);
            characters += row.Prompt.Length + (row.Response?.Length ?? 0);
        }

        return batch;
    }

    /// <summary>
    /// The columns of a row as SQL, in the order of <see cref="ToRow"/>. Versions of before there were other columns have none.
    /// </summary>
    internal static string ColumnsOf(DuckDBConnection connection, string version)
    {
        if (!File.Exists(version))
        {
            throw new FileNotFoundException("The dataset version is missing.", version);
        }

        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM (DESCRIBE FROM {DuckDb.Parquet(version)}) WHERE column_name = 'extra'";
        return (long)command.ExecuteScalar()! > 0 ? Columns + ", extra" : Columns + ", NULL AS extra";
    }

    /// <summary>Reads a row selected as <see cref="ColumnsOf"/>.</summary>
    internal static CanonicalRow ToRow(DbDataReader reader)
    {
        var (split, system, prompt, response) = (Text(reader, 2), Text(reader, 3), reader.GetString(4), Text(reader, 5));
        return new CanonicalRow
        {
            Id = reader.GetString(0),
            Line = reader.GetInt64(1),
            Split = split is null ? null : DataSplitNames.Parse(split),
            System = system,
            Prompt = prompt,
            Response = response,
            Label = Text(reader, 6),
            Messages = Text(reader, 7) is { } json ? new StoredMessages(json) : CanonicalRow.Conversation(system, prompt, response),
            Extra = Extra(reader),
        };
    }

    private static IReadOnlyDictionary<string, string> Extra(DbDataReader reader) =>
        Text(reader, 8) is { } json ? JsonSerializer.Deserialize<Dictionary<string, string>>(json, ProtocolJson.Line)! : s_noExtra;

    private static string? Text(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
