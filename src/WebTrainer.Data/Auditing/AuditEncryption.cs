using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using WebTrainer.Domain.Audit;
using WebTrainer.Proof;

namespace WebTrainer.Data.Auditing;

/// <summary>Encrypts the details of audit entries on their way into the database, by a key of their project.</summary>
/// <param name="keys">The server's, which wrap those of projects.</param>
public sealed class AuditEncryption(ProofKeys keys) : SaveChangesInterceptor
{
    private readonly ConditionalWeakTable<DbContext, object> _opened = [];

    public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData,
        InterceptionResult<int> result,
        CancellationToken cancellationToken = default
    )
    {
        if (eventData.Context is AppDb db)
        {
            var entries = db
                .ChangeTracker.Entries<AuditEntry>()
                .Where(e => e.State == EntityState.Added && (IsPlain(e.Entity.Before) || IsPlain(e.Entity.After)))
                .ToList();
            if (entries.Count > 0 && _opened.TryAdd(db, db))
            {
                await db.Database.OpenConnectionAsync(cancellationToken); // for the save too: opening twice costs as much as the save
            }

            foreach (var project in entries.GroupBy(e => e.Entity.ProjectId))
            {
                var (id, cipher) = await KeyAsync(db, project.Key, cancellationToken);
                foreach (var entry in project)
                {
                    var before = entry.Property(e => e.Before);
                    var after = entry.Property(e => e.After);
                    before.CurrentValue = Encrypt(id, cipher, before.CurrentValue, AuditDetail.Context(entry.Entity, isAfter: false));
                    after.CurrentValue = Encrypt(id, cipher, after.CurrentValue, AuditDetail.Context(entry.Entity, isAfter: true));
                }
            }
        }

        return await base.SavingChangesAsync(eventData, result, cancellationToken);
    }

    public override async ValueTask<int> SavedChangesAsync(
        SaveChangesCompletedEventData eventData,
        int result,
        CancellationToken cancellationToken = default
    )
    {
        await CloseAsync(eventData.Context);
        return await base.SavedChangesAsync(eventData, result, cancellationToken);
    }

    public override async Task SaveChangesFailedAsync(DbContextErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        await CloseAsync(eventData.Context);
        await base.SaveChangesFailedAsync(eventData, cancellationToken);
    }

    public override async Task SaveChangesCanceledAsync(DbContextEventData eventData, CancellationToken cancellationToken = default)
    {
        await CloseAsync(eventData.Context);
        await base.SaveChangesCanceledAsync(eventData, cancellationToken);
    }

    private async Task CloseAsync(DbContext? db)
    {
        if (db is not null && _opened.Remove(db))
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    // A save that failed and is tried again finds them encrypted.
    private static bool IsPlain(string? detail) => detail is not null && !AuditDetail.IsEncrypted(detail);

    private static string? Encrypt(long keyId, DetailCipher cipher, string? detail, byte[] context) =>
        IsPlain(detail) ? AuditDetail.Write(keyId, cipher.Encrypt(Encoding.UTF8.GetBytes(detail!), context)) : detail;

    /// <summary>The project's key, read each time: one that was deleted, or whose making was taken back, is not used again.</summary>
    private async Task<(long Id, DetailCipher Cipher)> KeyAsync(AppDb db, Guid? projectId, CancellationToken cancellationToken)
    {
        var connection = (SqliteConnection)db.Database.GetDbConnection();
        if (await ReadAsync(connection, projectId, cancellationToken) is { } found)
        {
            return found;
        }

        await using var command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO "AuditKeys" ("ProjectId", "KeyId", "Wrapped") SELECT $project, $key, $wrapped
            WHERE NOT EXISTS (SELECT 1 FROM "AuditKeys" WHERE "ProjectId" IS $project AND "KeyId" = $key)
            """;
        command.Parameters.AddWithValue("$project", (object?)projectId ?? DBNull.Value);
        command.Parameters.AddWithValue("$key", keys.Id);
        command.Parameters.AddWithValue("$wrapped", keys.Wrapping.Encrypt(DetailCipher.NewKey(), AuditDetail.Context(projectId)));
        await command.ExecuteNonQueryAsync(cancellationToken);
        return await ReadAsync(connection, projectId, cancellationToken)
            ?? throw new InvalidOperationException("The key of an audit entry's details vanished while it was made.");
    }

    private async Task<(long Id, DetailCipher Cipher)?> ReadAsync(
        SqliteConnection connection,
        Guid? projectId,
        CancellationToken cancellationToken
    )
    {
        await using var command = connection.CreateCommand();
        command.CommandText = """SELECT "Id", "Wrapped" FROM "AuditKeys" WHERE "ProjectId" IS $project AND "KeyId" = $key""";
        command.Parameters.AddWithValue("$project", (object?)projectId ?? DBNull.Value);
        command.Parameters.AddWithValue("$key", keys.Id);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (reader.GetInt64(0), new DetailCipher(keys.Wrapping.Decrypt(reader.GetFieldValue<byte[]>(1), AuditDetail.Context(projectId))))
            : null;
    }
}
