using System.Diagnostics;
using DuckDB.NET.Data;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Import.Conversion;

namespace WebTrainer.Benchmarks.Files;

/// <summary>The most memory that the import of a Parquet file takes, in a process of its own.</summary>
internal static class ParquetMemory
{
    /// <summary>260,000 prompts with answers, about 66 MB: words of a large vocabulary, as texts have them.</summary>
    public static void Make(string file)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            CREATE MACRO word(n) AS substr(md5((n * n)::VARCHAR), 1, 3 + (n % 5)::INT);
            CREATE MACRO words(seed, count) AS list_aggregate(list_transform(range(count), lambda i: word((hash(seed * 1000 + i) % 40000)::BIGINT)), 'string_agg', ' ');
            COPY (SELECT words(n, 12) AS system, words(n + 1000000, 14) AS prompt, words(n + 2000000, 16) AS completion, n AS number FROM range(260000) t(n))
            TO '{file}' (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 100000)
            """;
        command.ExecuteNonQuery();
        Console.WriteLine($"{new FileInfo(file).Length / 1e6:0.0} MB");
    }

    public static async Task ImportAsync(string path)
    {
        var (clock, text, version) = (Stopwatch.StartNew(), path + ".text", path + ".version");
        File.Delete(text);
        File.Delete(version);
        var file = await new FileConverter().ConvertAsync(new SourceFile(path, Path.GetFileName(path)), text);
        var converted = clock.Elapsed.TotalSeconds;
        Console.WriteLine($"converted in {converted:0.0} s, most memory so far {Most():N0} MB");
        var inspection = await new FileInspector().InspectAsync(file);
        var proposal = await new ShapeDetector().DetectAsync(file, inspection);
        var report = await new DatasetImporter().ImportAsync(file, inspection, proposal.Mapping!, version);
        Console.WriteLine(
            $"{new FileInfo(path).Length / 1e6:0.0} MB, {report.Version.Rows:N0} rows: {clock.Elapsed.TotalSeconds:0.0} s, most memory {Most():N0} MB"
        );
    }

    /// <summary>VmHWM, the largest resident set that the process had.</summary>
    private static double Most() => Process.GetCurrentProcess().PeakWorkingSet64 / 1e6;
}
