using System.Globalization;
using DuckDB.NET.Data;

namespace WebTrainer.Pipeline.Storage;

/// <summary>Opens DuckDB with bounded memory, and runs it off the caller's thread: its driver blocks even where it says async.</summary>
internal static class DuckDb
{
    private const int UsualThreads = 2;

    /// <summary>A new database in memory, which spills to a folder beyond its limit.</summary>
    public static DuckDBConnection Open(int memoryMiB, string spillFolder, int threads = UsualThreads)
    {
        var connection = new DuckDBConnection(
            string.Create(CultureInfo.InvariantCulture, $"DataSource=:memory:;memory_limit={memoryMiB}MiB;threads={threads}")
        );
        try
        {
            connection.Open();
            // What isn't inside the library must not be looked for on the network.
            Execute(connection, $"SET temp_directory = {Literal(spillFolder)}; SET autoinstall_known_extensions = false");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static void Execute(DuckDBConnection connection, string sql, CancellationToken cancellationToken = default)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Run(command, command.ExecuteNonQuery, cancellationToken);
    }

    /// <summary>All rows of a query.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled before its end.</exception>
    public static List<T> ReadAll<T>(DuckDBCommand command, Func<DuckDBDataReader, T> read, CancellationToken cancellationToken) =>
        Run(
            command,
            () =>
            {
                using var reader = command.ExecuteReader();
                var rows = new List<T>();
                while (reader.Read())
                {
                    rows.Add(read(reader));
                }

                return rows;
            },
            cancellationToken
        );

    // Cancelling interrupts DuckDB, which calls that an error of the query.
    private static T Run<T>(DuckDBCommand command, Func<T> run, CancellationToken cancellationToken)
    {
        using var cancelling = cancellationToken.Register(command.Cancel);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return run();
        }
        catch (DuckDBException ex) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The query was interrupted.", ex, cancellationToken);
        }
    }

    /// <summary>A path of ours as SQL: for statements that take no parameters.</summary>
    public static string Literal(string path) => $"'{path.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A version as the source of a query, with its row number as <c>file_row_number</c>.</summary>
    /// <exception cref="ArgumentException">The path would be read as a pattern.</exception>
    public static string Parquet(string path)
    {
        if (path.AsSpan().ContainsAny("*?[]"))
        {
            throw new ArgumentException("Paths of versions hold none of * ? [ ], which DuckDB takes for a pattern.", nameof(path));
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException("The dataset version is missing.", path);
        }

        return $"read_parquet({Literal(path)}, file_row_number = true)";
    }
}
