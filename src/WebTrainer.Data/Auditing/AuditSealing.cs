using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Audit;
using WebTrainer.Proof;

namespace WebTrainer.Data.Auditing;

/// <summary>Seals what a log held before there were seals, once, and says so in the log itself.</summary>
public static class AuditSealing
{
    /// <summary>The action that tells up to where entries were sealed after they were written.</summary>
    public const string Began = "audit.sealing-began";

    /// <summary>Does nothing to a log that is empty or has any seal. All or nothing; a million entries take seconds.</summary>
    public static async Task SealEarlierAsync(AppDb db, ProofKeys keys, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await db.AuditSeals.AnyAsync(cancellationToken) || await db.Audit.MaxAsync(e => (long?)e.Id, cancellationToken) is not { } last)
        {
            return;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        Seal((SqliteConnection)db.Database.GetDbConnection(), keys);
        db.Audit.Add(new AuditEntry(now, "", "This server", null, Began, "", null, $$"""{"entriesBefore":{{last}}}"""));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static void Seal(SqliteConnection connection, ProofKeys keys)
    {
        using var entries = new AuditRows(connection, $"""SELECT {AuditFunctions.Columns} FROM "Audit" ORDER BY "Id" """);
        using var command = connection.CreateCommand();
        command.CommandText =
            """INSERT INTO "AuditSeals" ("EntryId", "Previous", "Hash", "Mark", "KeyId") VALUES ($entry, $previous, $hash, $mark, $key)""";
        var entry = command.Parameters.Add("$entry", SqliteType.Integer);
        var previous = command.Parameters.Add("$previous", SqliteType.Blob);
        var hash = command.Parameters.Add("$hash", SqliteType.Blob);
        var mark = command.Parameters.Add("$mark", SqliteType.Blob);
        command.Parameters.AddWithValue("$key", keys.Id);
        var hasher = new ChainHasher();
        for (var last = default(Digest); entries.IsThere; entries.Next())
        {
            hasher.Begin(last);
            entries.AddTo(hasher);
            var next = hasher.End();
            (entry.Value, previous.Value, hash.Value, mark.Value) = (entries.Id, last.ToArray(), next.ToArray(), keys.Mark(next));
            command.ExecuteNonQuery();
            last = next;
        }
    }
}
