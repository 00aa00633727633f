using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using WebTrainer.Data;
using WebTrainer.Data.Files;
using WebTrainer.Domain.Datasets;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>
/// Single rows of versions by id, in well under a millisecond: a Parquet file is read whole to find one row, which hundreds of annotators
/// at once would feel. A table a version, made when it is first asked for and thrown away at the next start.
/// </summary>
public sealed class RowTexts(DataFolder folder, FileStore files)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _tables = new();
    private readonly VersionReader _reader = new();

    /// <exception cref="InvalidOperationException">The version has no such row.</exception>
    public async Task<CanonicalRow> FindAsync(DatasetVersion version, string rowId, CancellationToken cancellationToken)
    {
        await using var table = await OpenAsync(
            await TableAsync(version.Sha256, cancellationToken),
            SqliteOpenMode.ReadOnly,
            cancellationToken
        );
        await using var command = table.CreateCommand();
        command.CommandText = "SELECT body FROM rows WHERE id = $id";
        command.Parameters.AddWithValue("$id", rowId);
        return await command.ExecuteScalarAsync(cancellationToken) is string body
            ? JsonSerializer.Deserialize<CanonicalRow>(body, ProtocolJson.Line)!
            : throw new InvalidOperationException($"Version {version.Id} has no row {rowId}, though an item was made of it.");
    }

    private async Task<string> TableAsync(string sha256, CancellationToken cancellationToken)
    {
        var table = _tables.GetOrAdd(sha256, sha => new Lazy<Task<string>>(() => BuildAsync(sha)));
        try
        {
            return await table.Value.WaitAsync(cancellationToken); // whoever leaves stops waiting, not the work that others wait for too
        }
        catch when (table.Value.IsFaulted)
        {
            _tables.TryRemove(KeyValuePair.Create(sha256, table)); // the next one tries again
            throw;
        }
    }

    private async Task<string> BuildAsync(string sha256)
    {
        var path = Path.Combine(folder.Temporary, $"rows-{sha256}-{Guid.NewGuid():N}.db");
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
        await foreach (var row in _reader.ReadAsync(files.PathOf(sha256)))
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
