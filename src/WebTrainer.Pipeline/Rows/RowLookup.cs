using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Rows;

/// <summary>
/// Single rows of versions by id, in well under a millisecond: a Parquet file is read whole to find one row, which hundreds of annotators
/// at once would feel. A table a version, made when it is first asked for and thrown away at the next start.
/// </summary>
/// <param name="folder">Where the tables are put; nothing of them is needed after a restart.</param>
public sealed class RowLookup(string folder)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _tables = new();
    private readonly VersionReader _reader = new();

    /// <param name="version">Path of the version's file, which never changes.</param>
    /// <param name="rowId">As <see cref="CanonicalRow.Id"/>.</param>
    /// <exception cref="InvalidOperationException">The version has no such row.</exception>
    public async Task<CanonicalRow> FindAsync(string version, string rowId, CancellationToken cancellationToken)
    {
        await using var table = await OpenAsync(await TableAsync(version, cancellationToken), SqliteOpenMode.ReadOnly, cancellationToken);
        await using var command = table.CreateCommand();
        command.CommandText = "SELECT body FROM rows WHERE id = $id";
        command.Parameters.AddWithValue("$id", rowId);
        return await command.ExecuteScalarAsync(cancellationToken) is string body
            ? JsonSerializer.Deserialize<CanonicalRow>(body, ProtocolJson.Line)!
            : throw new InvalidOperationException($"The version {Path.GetFileName(version)} has no row {rowId}.");
    }

    private async Task<string> TableAsync(string version, CancellationToken cancellationToken)
    {
        var table = _tables.GetOrAdd(version, path => new Lazy<Task<string>>(() => BuildAsync(path)));
        try
        {
            return await table.Value.WaitAsync(cancellationToken); // whoever leaves stops waiting, not the work that others wait for too
        }
        catch when (table.Value.IsFaulted)
        {
            _tables.TryRemove(KeyValuePair.Create(version, table)); // the next one tries again
            throw;
        }
    }

    private async Task<string> BuildAsync(string version)
    {
        var path = Path.Combine(folder, $"rows-{Guid.NewGuid():N}.db");
        await using var table = await OpenAsync(path, SqliteOpenMode.ReadWriteCreate, CancellationToken.None);
        await RunAsync(
            table,
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; CREATE TABLE rows (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID"
        );
        await using var transaction = (SqliteTransaction)await table.BeginTransactionAsync();
        await using var insert = table.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = "INSERT INTO rows VALUES ($id, $body)";
        var (id, body) = (insert.Parameters.Add("$id", SqliteType.Text), insert.Parameters.Add("$body", SqliteType.Text));
        await foreach (var row in _reader.ReadAsync(version))
        {
            (id.Value, body.Value) = (row.Id, JsonSerializer.Serialize(row, ProtocolJson.Line));
            await insert.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
        return path;
    }

    private static async Task<SqliteConnection> OpenAsync(string path, SqliteOpenMode mode, CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode }.ToString());
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static async Task RunAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
