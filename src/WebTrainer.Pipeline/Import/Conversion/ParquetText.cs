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
                $"COPY (SELECT {Columns(connection, rows, cancellationToken)} FROM {rows}) TO {DuckDb.Literal(part)} (FORMAT json)",
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
    private static string Columns(DuckDBConnection connection, string rows, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {rows}";
        var columns = DuckDb.ReadAll(command, row => (Name: Quoted(row.GetString(0)), Type: row.GetString(1)), cancellationToken);
        return string.Join(", ", columns.Select(column => $"{Value(column.Name, column.Type)} AS {column.Name}"));
    }

    /// <summary>
    /// Numbers of single precision are written with the digits they were given, 4.7 and not 4.699999809265137, and those that are none are
    /// null; a VARIANT is written as a text that is no JSON unless it is made JSON first (findings/duckdb-variant-to-json.sh).
    /// </summary>
    private static string Value(string value, string type) =>
        type switch
        {
            "FLOAT" => $"CASE WHEN isfinite({value}) THEN {value}::VARCHAR::JSON END",
            "FLOAT[]" => $"list_transform({value}, lambda item: {Value("item", "FLOAT")})",
            "VARIANT" => $"{value}::JSON",
            _ => value,
        };

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Reason(string message)
    {
        if (message.Contains("encrypt", StringComparison.OrdinalIgnoreCase))
        {
            return "it is encrypted. Write it without encryption.";
        }

        return s_unsupported.Any(word => message.Contains(word, StringComparison.OrdinalIgnoreCase))
            ? $"it holds what the reader doesn't know: {message.Split('\n')[0].TrimEnd('.')}. Write it with another codec or encoding."
            : "it may be cut off.";
    }
}
