using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using WebTrainer.Domain.Audit;
using WebTrainer.Proof;

namespace WebTrainer.Data.Auditing;

/// <summary>
/// Decrypts the details of audit entries where they are read. One object for all databases, since the framework keeps a model for each; the
/// keys are those of the context's own services.
/// </summary>
public sealed class AuditDecryption : IMaterializationInterceptor
{
    /// <summary>What is shown in place of details whose key was deleted.</summary>
    public const string Erased = """{"details":"erased with the project's key"}""";

    /// <summary>What is shown in place of details that this server's keys don't open.</summary>
    public const string Unreadable = """{"details":"can't be decrypted with this server's keys"}""";

    private readonly ConditionalWeakTable<DbContext, Dictionary<long, StoredKey?>> _keys = [];

    private AuditDecryption() { }

    public static AuditDecryption Instance { get; } = new();

    public object InitializedInstance(MaterializationInterceptionData materializationData, object entity)
    {
        if (entity is AuditEntry entry)
        {
            var db = materializationData.Context;
            if (AuditDetail.IsEncrypted(entry.Before))
            {
                SetBefore(entry, Open(db, entry, entry.Before!, isAfter: false));
            }

            if (AuditDetail.IsEncrypted(entry.After))
            {
                SetAfter(entry, Open(db, entry, entry.After!, isAfter: true));
            }
        }

        return entity;
    }

    private string Open(DbContext db, AuditEntry entry, string text, bool isAfter)
    {
        if (AuditDetail.Read(text) is not var (keyId, message))
        {
            return Unreadable;
        }

        var known = _keys.GetOrCreateValue(db);
        if (!known.TryGetValue(keyId, out var key))
        {
            known[keyId] = key = Find(db, keyId);
        }

        if (key is null)
        {
            return Erased;
        }

        try
        {
            var keys = db.GetService<ProofKeys>();
            var cipher = new DetailCipher(keys.Wrapping.Decrypt(key.Wrapped, AuditDetail.Context(key.ProjectId)));
            return Encoding.UTF8.GetString(cipher.Decrypt(message, AuditDetail.Context(entry, isAfter)));
        }
        catch (CryptographicException)
        {
            return Unreadable;
        }
    }

    private static StoredKey? Find(DbContext db, long keyId)
    {
        using var command = ((SqliteConnection)db.Database.GetDbConnection()).CreateCommand();
        command.CommandText = """SELECT "ProjectId", "Wrapped" FROM "AuditKeys" WHERE "Id" = $id""";
        command.Parameters.AddWithValue("$id", keyId);
        using var reader = command.ExecuteReader();
        return reader.Read() ? new StoredKey(reader.IsDBNull(0) ? null : reader.GetGuid(0), reader.GetFieldValue<byte[]>(1)) : null;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_Before")]
    private static extern void SetBefore(AuditEntry entry, string? value);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_After")]
    private static extern void SetAfter(AuditEntry entry, string? value);

    private sealed record StoredKey(Guid? ProjectId, byte[] Wrapped);
}
