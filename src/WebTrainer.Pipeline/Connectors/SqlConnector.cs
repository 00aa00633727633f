using System.Data.Common;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using MySqlConnector;
using Npgsql;

namespace WebTrainer.Pipeline.Connectors;

/// <summary>The databases that can be asked.</summary>
public enum SqlKind
{
    /// <summary>By a connection string of Npgsql.</summary>
    PostgreSql,

    /// <summary>MySQL and MariaDB, by a connection string of MySqlConnector.</summary>
    MySql,

    /// <summary>A file in a folder of this server that may be read (<see cref="ConnectorOptions.Folders"/>).</summary>
    Sqlite,
}

/// <summary>The rows of a query, read only; with a cursor, each sync takes what came since the last.</summary>
public sealed class SqlConnector(SqlKind kind, ConnectorOptions options) : IConnector
{
    /// <summary>UTF-16 units of a query.</summary>
    public const int MaxQueryLength = 20_000;

    /// <summary>How long a database is waited for to confirm that a query was stopped.</summary>
    private const int CancelMilliseconds = 2_000;

    /// <inheritdoc/>
    public string? Fault(SourceSettings settings)
    {
        var query = settings.Query.Trim().TrimEnd(';').TrimEnd();
        if (query.Length is 0 or > MaxQueryLength)
        {
            return $"Write a query of at most {MaxQueryLength:N0} characters.";
        }

        if (
            !query.StartsWith("select", StringComparison.OrdinalIgnoreCase) && !query.StartsWith("with", StringComparison.OrdinalIgnoreCase)
        )
        {
            return "The query begins with SELECT or WITH.";
        }
        // A second statement could undo what keeps the first from writing.
        if (query.Contains(';', StringComparison.Ordinal))
        {
            return "Write one statement, without semicolons.";
        }

        return settings.Cursor.All(c => char.IsLetterOrDigit(c) || c == '_') ? null : "The cursor is the name of one column.";
    }

    /// <inheritdoc/>
    public async Task<string> TestAsync(SourceSettings settings, SourceSecret secret, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(settings, secret, cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandTimeout = options.TimeoutSeconds;
        command.CommandText = $"SELECT * FROM (\n{Query(settings)}\n) q WHERE 1 = 0";
        await using var reader = await TryAsync(() => command.ExecuteReaderAsync(cancellationToken));
        return $"The query gives the columns {string.Join(", ", Enumerable.Range(0, reader.FieldCount).Select(reader.GetName))}.";
    }

    /// <inheritdoc/>
    /// <remarks>State: the cursor's last value, and which of its rows came. Without a cursor all rows replace those of before.</remarks>
    public async Task<Fetched> FetchAsync(
        SourceSettings settings,
        SourceSecret secret,
        string? state,
        string folder,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await OpenAsync(settings, secret, cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandTimeout = options.TimeoutSeconds;
        // On a line of its own, a comment at the query's end ends before what follows.
        command.CommandText = $"SELECT * FROM (\n{Query(settings)}\n) q";
        var last = state is null ? null : JsonSerializer.Deserialize<SqlCursor>(state);
        if (settings.Cursor.Length > 0)
        {
            if (last is not null)
            {
                command.CommandText += $" WHERE {Quoted(settings.Cursor)} {last.Comparison} @last";
                last.AddTo(command);
            }

            command.CommandText += $" ORDER BY {Quoted(settings.Cursor)}";
        }

        var path = Path.Combine(folder, "0");
        var (rows, cursor) = await WriteAsync(command, settings.Cursor, last, path, progress, cancellationToken);
        FetchedFile[] files = rows == 0 ? [] : [new FetchedFile(path, "query.jsonl")];
        return new Fetched(files, cursor is null ? state : JsonSerializer.Serialize(cursor), Adds: settings.Cursor.Length > 0);
    }

    private async Task<(long Rows, SqlCursor? Cursor)> WriteAsync(
        DbCommand command,
        string cursorColumn,
        SqlCursor? before,
        string path,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        await using var reader = await TryAsync(() => command.ExecuteReaderAsync(cancellationToken));
        var cursor = cursorColumn.Length == 0 ? -1 : Ordinal(reader, cursorColumn);
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        var known = new CursorRows(before);
        var (read, rows) = (0L, 0L);
        var writer = new SqlRowWriter(reader, file);
        try
        {
            while (await TryAsync(() => reader.ReadAsync(cancellationToken)))
            {
                var line = writer.Form(++read);
                if (
                    cursor >= 0
                    && !await reader.IsDBNullAsync(cursor, cancellationToken)
                    && known.WasFetched(writer.Value(cursor, read), line.Span)
                )
                {
                    continue;
                }

                if (++rows > options.MaxQueryRows)
                {
                    throw new DataProblemException($"The query gives more than {options.MaxQueryRows:N0} rows. Narrow it.");
                }

                await writer.TakeAsync(line, cancellationToken);
                if (rows % 1_000 == 0)
                {
                    progress?.Report(new WorkProgress("Fetching", rows, 0));
                }
            }
        }
        catch
        {
            command.Cancel(); // or closing would read the rest of the result first
            throw;
        }

        await writer.FlushAsync(cancellationToken);
        return (rows, known.Last);
    }

    private static int Ordinal(DbDataReader reader, string column)
    {
        for (var i = 0; i < reader.FieldCount; i++)
        {
            if (reader.GetName(i).Equals(column, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        throw new DataProblemException($"The query gives no column '{column}'.");
    }

    private static string Query(SourceSettings settings) => settings.Query.Trim().TrimEnd(';');

    private string Quoted(string column) => kind == SqlKind.MySql ? $"`{column}`" : $"\"{column}\"";

    private async Task<DbConnection> OpenAsync(SourceSettings settings, SourceSecret secret, CancellationToken cancellationToken)
    {
        if (Fault(settings) is { } fault)
        {
            throw new DataProblemException(fault);
        }

        var connection = Create(settings, secret);
        try
        {
            await TryAsync(async () =>
            {
                await connection.OpenAsync(cancellationToken);
                return true;
            });
            // A query that writes is refused by the database itself.
            await using var command = connection.CreateCommand();
            command.CommandText = kind switch
            {
                SqlKind.PostgreSql => "SET default_transaction_read_only = on",
                SqlKind.MySql => "SET SESSION TRANSACTION READ ONLY",
                _ => "PRAGMA query_only = on",
            };
            await TryAsync(() => command.ExecuteNonQueryAsync(cancellationToken));
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private DbConnection Create(SourceSettings settings, SourceSecret secret)
    {
        if (kind == SqlKind.Sqlite)
        {
            var file = ServerPaths.Resolve(options, settings.Path);
            return new SqliteConnection(
                new SqliteConnectionStringBuilder
                {
                    DataSource = file,
                    Mode = SqliteOpenMode.ReadOnly,
                    Pooling = false,
                }.ToString()
            );
        }

        try
        {
            if (kind == SqlKind.PostgreSql)
            {
                var postgres = new NpgsqlConnectionStringBuilder(secret.Connection)
                {
                    Pooling = false,
                    Timeout = Math.Min(options.TimeoutSeconds, 100),
                    CancellationTimeout = CancelMilliseconds,
                };
                Allow(postgres.Host, postgres.Port);
                RefuseFiles(postgres.RootCertificate, postgres.SslCertificate, postgres.SslKey, postgres.Passfile);
                if (options.DatabaseCertificates.Length > 0)
                {
                    postgres.RootCertificate = options.DatabaseCertificates;
                }

                return new NpgsqlConnection(postgres.ToString());
            }

            var mysql = new MySqlConnectionStringBuilder(secret.Connection)
            {
                Pooling = false,
                ConnectionTimeout = (uint)options.TimeoutSeconds,
                AllowLoadLocalInfile = false,
                ConnectionProtocol = MySqlConnectionProtocol.Sockets,
                AllowZeroDateTime = true, // days that are none must not end a sync
            };
            Allow(mysql.Server, (int)mysql.Port);
            RefuseFiles(mysql.SslCa, mysql.SslCert, mysql.SslKey, mysql.CertificateFile, mysql.ServerRsaPublicKeyFile);
            if (options.DatabaseCertificates.Length > 0)
            {
                mysql.SslCa = options.DatabaseCertificates;
            }

            return new MySqlConnection(mysql.ToString());
        }
        catch (ArgumentException e)
        {
            throw new DataProblemException("The connection string can't be read: write Host=…;Database=…;Username=…;Password=…", cause: e);
        }
    }

    private void Allow(string? host, int port)
    {
        // Several hosts at once, and paths of sockets, would go past the list.
        if (string.IsNullOrWhiteSpace(host) || !HostRules.IsNamed(options, host, port))
        {
            throw new DataProblemException(
                "The database's host is not one that may be reached. An administrator names it in the setting Sources:AllowedHosts."
            );
        }
    }

    /// <summary>Files of this server are not for a connection string to name.</summary>
    private static void RefuseFiles(params string?[] files)
    {
        if (files.Any(f => !string.IsNullOrEmpty(f)))
        {
            throw new DataProblemException(
                "A connection string names no files of this server. An administrator names the certificates that databases are checked by in the setting Sources:DatabaseCertificates."
            );
        }
    }

    private async Task<T> TryAsync<T>(Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        catch (DbException e)
            when (e.InnerException is TimeoutException or IOException { InnerException: TimeoutException }
                || e is MySqlException { ErrorCode: MySqlErrorCode.CommandTimeoutExpired or MySqlErrorCode.QueryInterrupted }
            )
        {
            throw new DataProblemException($"The database did not answer within {options.TimeoutSeconds:N0} seconds.", cause: e);
        }
        catch (DbException e)
        {
            throw new DataProblemException($"The database refused: {e.Message}", cause: e);
        }
    }
}
