using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace WebTrainer.Data;

/// <summary>Settings that SQLite keeps by connection: readers beside one writer, patience with locks, keys that hold.</summary>
public sealed class SqlitePragmas : DbConnectionInterceptor
{
    /// <summary>
    /// Who finds the database locked tries again for so long; then they are told. Nobody waits longer than five seconds for an answer,
    /// whatever holds the lock.
    /// </summary>
    public const int PatienceSeconds = 3;

    // Each try waits inside SQLite, where a lock that is let go is seen at once.
    private const string Pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=1000; PRAGMA foreign_keys=ON;";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(
        DbConnection connection,
        ConnectionEndEventData eventData,
        CancellationToken cancellationToken = default
    )
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
