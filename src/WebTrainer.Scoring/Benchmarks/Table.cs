using System.Text.Json;
using CsvHelper;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>Rows of CSV and JSON Lines, with errors that name file and line.</summary>
internal static class Table
{
    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 32 };

    /// <exception cref="BenchmarkException">The text is no CSV.</exception>
    public static IReadOnlyList<string[]> Csv(BenchmarkText file)
    {
        var rows = new List<string[]>();
        try
        {
            using var reader = CsvReader.Create(
                new StringReader(file.Text),
                CsvReaderOptions.Default with
                {
                    HasHeader = false,
                },
                leaveOpen: false
            );
            while (reader.Read())
            {
                rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)]);
            }
        }
        catch (CsvFormatException exception)
        {
            throw new BenchmarkException($"{file.Name}, row {rows.Count + 1}: this is no CSV: {exception.Message}", exception);
        }

        return rows;
    }

    /// <summary>Calls <paramref name="read"/> with each line's object.</summary>
    /// <exception cref="BenchmarkException">A line is no JSON object, or lacks a key; the message says which.</exception>
    public static List<T> Jsonl<T>(BenchmarkText file, Func<JsonElement, T> read)
    {
        var rows = new List<T>();
        var number = 0;
        // Only LF ends a line: JSON may hold the separators that Unicode counts as ends of lines.
        foreach (var line in file.Text.Split('\n'))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            try
            {
                using var document = JsonDocument.Parse(line, s_json);
                rows.Add(read(document.RootElement));
            }
            catch (Exception exception)
                when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                throw new BenchmarkException($"{file.Name}, line {number}: {exception.Message}", exception);
            }
        }

        return rows;
    }
}
