using System.Text.Encodings.Web;
using System.Text.Json;
using DuckDB.NET.Data;

namespace WebTrainer.Benchmarks.Files;

/// <summary>Reads each delimited file of a folder by DuckDB's own guess of it, all columns as text.</summary>
internal static class DuckDbReading
{
    private const int MostRecords = 2_000;
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void All(string folder, string target)
    {
        Directory.CreateDirectory(target);
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        foreach (var path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            object result;
            try
            {
                result = Read(connection, path);
            }
            catch (DuckDBException e)
            {
                result = new { refused = e.Message };
            }

            File.WriteAllText(Path.Combine(target, Path.GetFileName(path) + ".json"), JsonSerializer.Serialize(result, s_json));
        }
    }

    private static object Read(DuckDBConnection connection, string path)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            $"FROM read_csv('{path.Replace("'", "''", StringComparison.Ordinal)}', all_varchar = true, null_padding = true) LIMIT {MostRecords}";
        using var reader = command.ExecuteReader();
        var names = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToList();
        var rows = new List<string?[]>();
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetString(i))]);
        }

        return new { names, rows };
    }
}
