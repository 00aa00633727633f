using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DuckDB.NET.Data;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Queries;

/// <summary>The program that runs one query and ends: what a query does to it, it does to nobody else.</summary>
public static class QueryChild
{
    /// <summary>Characters of a value that are given.</summary>
    private const int MaxValueLength = 2_000;
    private const int MaxColumns = 1_000;

    /// <param name="input">One <see cref="QueryRequest"/>.</param>
    /// <param name="output">Gets <see cref="QueryLine"/>s.</param>
    public static int Run(Stream input, Stream output)
    {
        var request =
            JsonSerializer.Deserialize<QueryRequest>(input, ProtocolJson.Line) ?? throw new InvalidDataException("There is no request.");
        using var lines = new QueryLines(output, request.AnswerBytes);
        var clock = Stopwatch.StartNew();
        var isCut = false;
        string? refusal = null;
        try
        {
            isCut = Answer(request, lines);
        }
        catch (DataProblemException problem)
        {
            refusal = problem.Message;
        }
        catch (Exception fault) when (fault is DuckDBException or OutOfMemoryException)
        {
            refusal = $"The query was refused: {fault.Message}";
        }

        lines.Write(new QueryLine { End = new QueryEnd(refusal, isCut, clock.Elapsed.TotalSeconds) });
        return 0;
    }

    /// <returns>Whether there is more than was written.</returns>
    private static bool Answer(QueryRequest request, QueryLines lines)
    {
        using var connection = DuckDb.Open(request.MemoryMiB, request.Scratch, request.Threads);
        QueryCheck.Check(connection, request.Query);
        DuckDb.Execute(connection, $"CREATE VIEW rows AS {Source(connection, request)}");
        // The version is all that can be read from here on, and nothing else of the server.
        DuckDb.Execute(
            connection,
            $"""
            SET max_temp_directory_size = '{request.ScratchMiB.ToString(CultureInfo.InvariantCulture)}MiB';
            SET allowed_paths = [{DuckDb.Literal(request.Version)}];
            SET enable_external_access = false;
            SET lock_configuration = true
            """
        );
        using var command = connection.CreateCommand();
        command.CommandText = request.Query;
        command.UseStreamingMode = true;
        using var reader = command.ExecuteReader();
        if (reader.FieldCount > MaxColumns)
        {
            throw new DataProblemException($"An answer has at most {MaxColumns:N0} columns; this has {reader.FieldCount:N0}.");
        }

        lines.Write(new QueryLine { Columns = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)] });
        for (var written = 0; reader.Read(); written++)
        {
            if (
                written == request.Rows
                || !lines.TryWrite(new QueryLine { Row = [.. Enumerable.Range(0, reader.FieldCount).Select(i => Text(reader, i))] })
            )
            {
                return true;
            }
        }

        return false;
    }

    private static string Source(DuckDBConnection connection, QueryRequest request) =>
        request.Columns == QueryColumns.All
            ? $"SELECT {VersionReader.ColumnsOf(connection, request.Version)} FROM {DuckDb.Parquet(request.Version)}"
            : $"SELECT id, line, system, prompt AS text, CASE WHEN response = label THEN NULL ELSE response END AS response FROM {DuckDb.Parquet(request.Version)}";

    private static string? Text(DuckDBDataReader reader, int column)
    {
        if (reader.IsDBNull(column))
        {
            return null;
        }

        var value = reader.GetValue(column);
        var text =
            value is string plain ? plain
            : value is System.Collections.IEnumerable ? JsonSerializer.Serialize(value)
            : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return text.Length > MaxValueLength ? text[..MaxValueLength] + "…" : text;
    }
}
