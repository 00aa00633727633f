using DuckDB.NET.Data;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>The rows of a Parquet file as JSONL, which keeps lists and objects.</summary>
internal static class ParquetText
{
    /// <summary>What the reader says of files that are whole and hold what it can't read.</summary>
    private static readonly string[] s_unsupported =
    [
        "codec",
        "compression",
        "encoding",
        "not supported",
        "unsupported",
        "not implemented",
        "unrecognized",
    ];

    public static SourceFile Convert(SourceFile file, string target, ImportLimits limits, CancellationToken cancellationToken)
    {
        using var scratch = new ScratchFolder(target + ".tmp");
        using var connection = DuckDb.Open(limits.DuckDbLongRowMemoryMiB, scratch.Path);
        var part = Path.Combine(scratch.Path, "rows.jsonl");
        try
        {
            var rows = DuckDb.Parquet(file.Path);
            DuckDb.Execute(
                connection,
                $"COPY (SELECT {Columns(connection, file.Path, cancellationToken)} FROM {rows}) TO {DuckDb.Literal(part)} (FORMAT json)",
                cancellationToken
            );
        }
        catch (DuckDBException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new DataProblemException($"'{file.Name}' is a Parquet file that can't be read; {Reason(e.Message)}", cause: e);
        }

        File.Move(part, target);
        return new SourceFile(target, file.Name);
    }

    /// <summary>All columns, those of some types in other words.</summary>
    private static string Columns(DuckDBConnection connection, string path, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {DuckDb.Parquet(path)}";
        var columns = DuckDb.ReadAll(command, row => (Name: Quoted(row.GetString(0)), Type: row.GetString(1)), cancellationToken);
        var oldTimes = OldTimes(connection, path, cancellationToken);
        return string.Join(", ", columns.Select(column => $"{Value(column.Name, column.Type)} AS {column.Name}"));

        string Value(string name, string type) =>
            oldTimes.Contains(name) && type.StartsWith("TIMESTAMP", StringComparison.Ordinal)
                ? ParquetValues.OldTime(name)
                : ParquetValues.Write(name, type);
    }

    /// <summary>Columns of INT96, Spark's old form of a moment.</summary>
    private static HashSet<string> OldTimes(DuckDBConnection connection, string path, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT name FROM parquet_schema({DuckDb.Literal(path)}) WHERE type = 'INT96'";
        return [.. DuckDb.ReadAll(command, row => Quoted(row.GetString(0)), cancellationToken)];
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>The reader's sentence behind its kind and the file that it names, which is no name that the person knows.</summary>
    private static string WithoutPath(string sentence) =>
        sentence[(sentence.LastIndexOf("\": ", StringComparison.Ordinal) + 1)..].TrimStart(':', ' ');

    private static string Reason(string message)
    {
        if (message.Contains("encrypt", StringComparison.OrdinalIgnoreCase))
        {
            return "it is encrypted. Write it without encryption.";
        }

        if (message.Contains("string encoding", StringComparison.OrdinalIgnoreCase))
        {
            return "a column of texts holds bytes that are no UTF-8. Write that column as bytes, or its texts as UTF-8.";
        }

        return s_unsupported.Any(word => message.Contains(word, StringComparison.OrdinalIgnoreCase))
            ? $"it holds what the reader doesn't know: {WithoutPath(message.Split('\n')[0]).TrimEnd('.')}. Write it with another codec or encoding."
            : "it may be cut off.";
    }
}
