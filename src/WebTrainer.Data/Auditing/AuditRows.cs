using Microsoft.Data.Sqlite;
using SQLitePCL;
using WebTrainer.Proof;

namespace WebTrainer.Data.Auditing;

/// <summary>
/// Reads a statement's rows by SQLite's own interface: a million entries are read in seconds, and as the bytes that lie in the file.
/// </summary>
internal sealed class AuditRows : IDisposable
{
    private readonly sqlite3_stmt _statement;
    private readonly sqlite3 _database;

    public AuditRows(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement));
        Next();
    }

    /// <summary>False behind the last row.</summary>
    public bool IsThere { get; private set; }

    public long Id => raw.sqlite3_column_int64(_statement, 0);

    public void Next()
    {
        var code = raw.sqlite3_step(_statement);
        if (code is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            Check(code);
        }

        IsThere = code == raw.SQLITE_ROW;
    }

    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string() ?? "";

    /// <returns>Zeros for what is no hash.</returns>
    public Digest Digest(int column) => Bytes(column) is { Length: Proof.Digest.Bytes } bytes ? new Digest(bytes) : default;

    /// <summary>Adds all columns to a hash, as <see cref="AuditFunctions"/> does where the row is inserted.</summary>
    public void AddTo(ChainHasher hasher)
    {
        for (var i = 0; i < AuditFunctions.ColumnCount; i++)
        {
            _ = raw.sqlite3_column_type(_statement, i) switch
            {
                raw.SQLITE_NULL => hasher.Null(),
                raw.SQLITE_INTEGER => hasher.Number(raw.sqlite3_column_int64(_statement, i)),
                raw.SQLITE_TEXT => hasher.Text(Bytes(i)),
                _ => hasher.Blob(Bytes(i)),
            };
        }
    }

    public void Dispose() => _statement.Dispose();

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, _database);
}
