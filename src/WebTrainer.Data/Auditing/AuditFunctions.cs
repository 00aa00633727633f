using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;
using WebTrainer.Proof;

namespace WebTrainer.Data.Auditing;

/// <summary>
/// Functions by which a trigger of the database seals each audit entry where it is inserted, whoever inserts it: a program that lacks them
/// can't write one as long as the trigger is there.
/// </summary>
/// <param name="keys">The server's.</param>
public sealed class AuditFunctions(ProofKeys keys) : DbConnectionInterceptor
{
    /// <summary>Columns of an entry in the order in which they are hashed.</summary>
    internal const string Columns = """
        "Id", "At", "UserId", "UserName", "ProjectId", "Action", "Subject", "Before", "After"
        """;
    internal const int ColumnCount = 9;

    [ThreadStatic]
    private static ChainHasher? t_hasher;

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) =>
        Register((SqliteConnection)connection);

    public override Task ConnectionOpenedAsync(
        DbConnection connection,
        ConnectionEndEventData eventData,
        CancellationToken cancellationToken = default
    )
    {
        Register((SqliteConnection)connection);
        return Task.CompletedTask;
    }

    /// <summary>Gives a connection the functions that the trigger calls.</summary>
    public void Register(SqliteConnection connection)
    {
        Add(connection, "audit_hash", 1 + ColumnCount, (context, _, values) => raw.sqlite3_result_blob(context, Hash(values).ToArray()));
        Add(
            connection,
            "audit_mark",
            1,
            (context, _, values) => raw.sqlite3_result_blob(context, keys.Mark(new Digest(raw.sqlite3_value_blob(values[0]))))
        );
        Add(connection, "audit_key", 0, (context, _, _) => raw.sqlite3_result_text(context, keys.Id));
    }

    private static void Add(SqliteConnection connection, string name, int arguments, delegate_function_scalar function) =>
        SqliteException.ThrowExceptionForRC(
            raw.sqlite3_create_function(
                connection.Handle,
                name,
                arguments,
                raw.SQLITE_DETERMINISTIC,
                null,
                (context, data, values) =>
                {
                    try
                    {
                        function(context, data, values);
                    }
                    catch (Exception fault)
                    {
                        raw.sqlite3_result_error(context, fault.Message); // nothing may be thrown through SQLite's own code
                    }
                }
            ),
            connection.Handle
        );

    private static Digest Hash(sqlite3_value[] values)
    {
        var hasher = (t_hasher ??= new ChainHasher()).Begin(new Digest(raw.sqlite3_value_blob(values[0])));
        foreach (var value in values.AsSpan(1))
        {
            _ = raw.sqlite3_value_type(value) switch
            {
                raw.SQLITE_NULL => hasher.Null(),
                raw.SQLITE_INTEGER => hasher.Number(raw.sqlite3_value_int64(value)),
                raw.SQLITE_TEXT => hasher.Text(raw.sqlite3_value_blob(value)),
                _ => hasher.Blob(raw.sqlite3_value_blob(value)),
            };
        }

        return hasher.End();
    }
}
