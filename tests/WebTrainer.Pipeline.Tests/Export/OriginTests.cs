using System.Text;
using System.Text.Json;
using DuckDB.NET.Data;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Export;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Export;

/// <summary>Exports that say of each row which file, line and version it came from, and which were set aside and why.</summary>
public sealed class OriginTests : IDisposable
{
    private const string First =
        "{\"prompt\":\"=1+1\",\"completion\":\"a\"}\n{\"prompt\":\"two\",\"completion\":\"b\"}\n{\"prompt\":\"two\",\"completion\":\"b\"}\n";
    private const string Second = "{\"prompt\":\"سلام\",\"completion\":\"c\"}\n";
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task JsonLines_NameFileLineAndVersion_AndWhatWasSetAside()
    {
        var (version, origins) = await CleanedAsync();
        var lines = (await ExportAsync(version, ExportFormat.PromptCompletion, origins))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => JsonDocument.Parse(l).RootElement)
            .ToList();
        Assert.Equal(["=1+1", "two", "سلام", "two"], lines.Select(l => l.GetProperty("prompt").GetString()));
        var parts = lines.ConvertAll(l => l.GetProperty("provenance"));
        Assert.Equal(
            [("one.jsonl", 1), ("one.jsonl", 2), ("two.jsonl", 1), ("one.jsonl", 3)],
            parts.Select(p => (p.GetProperty("file").GetString()!, p.GetProperty("line").GetInt32()))
        );
        Assert.Equal([false, false, false, true], parts.Select(p => p.GetProperty("setAside").GetBoolean()));
        Assert.Equal(
            ("Rows v2", "1. Exact duplicates"),
            (parts[3].GetProperty("version").GetString(), parts[3].GetProperty("step").GetString())
        );
        Assert.Equal(parts[1].GetProperty("id").GetString(), parts[3].GetProperty("twin").GetString());
        Assert.False(parts[0].TryGetProperty("step", out _));
    }

    [Fact]
    public async Task Csv_HasThemAsColumns_AndAnImportTakesTheGuardsOff()
    {
        var (version, origins) = await CleanedAsync();
        var text = await ExportAsync(version, ExportFormat.Csv, origins);
        Assert.StartsWith(
            "\uFEFFid,split,system,prompt,response,label,source_file,source_sha256,source_line,version,set_aside,set_aside_step,set_aside_reason,set_aside_twin",
            text,
            StringComparison.Ordinal
        );
        var again = await _folder.ImportAsync(_folder.Write("again.csv", text), name: "again");
        Assert.Contains("=1+1", (await again.Version.RowsAsync()).Select(r => r.Prompt));
    }

    [Fact]
    public async Task Parquet_HasTheColumnsOfTheVersionAndOfTheOrigin()
    {
        var (version, origins) = await CleanedAsync();
        var path = _folder.At("out.parquet");
        await using (var file = File.Create(path))
        {
            Assert.Equal(4, await new DatasetExporter().ExportAsync(version, ExportFormat.Parquet, origins, file, cancellationToken: Ct));
        }

        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            $"SELECT string_agg(source_file || ':' || source_line || ':' || set_aside || ':' || coalesce(set_aside_step, '-'), ' ') FROM '{path}'";
        Assert.Equal(
            "one.jsonl:1:false:- one.jsonl:2:false:- two.jsonl:1:false:- one.jsonl:3:true:1. Exact duplicates",
            command.ExecuteScalar()
        );
        var rows = await new VersionReader().ReadAsync(path, cancellationToken: Ct).ToListAsync(Ct);
        Assert.Equal(["=1+1", "two", "سلام", "two"], rows.Select(r => r.Prompt));
    }

    private async Task<string> ExportAsync(string version, ExportFormat format, VersionOrigins origins)
    {
        using var stream = new MemoryStream();
        await new DatasetExporter().ExportAsync(version, format, origins, stream, cancellationToken: Ct);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private async Task<(string Version, VersionOrigins Origins)> CleanedAsync()
    {
        var (one, two) = (_folder.Write("one.jsonl", First), _folder.Write("two.jsonl", Second));
        var rows = (await (await _folder.ImportAsync(one, name: "1")).Version.RowsAsync()).Concat(
            await (await _folder.ImportAsync(two, name: "2")).Version.RowsAsync()
        );
        var imported = await _folder.WriteAsync(rows, "imported");
        var report = await new Cleaner().ApplyAsync(
            imported.Path,
            new CleanRecipe { Steps = [new ExactDuplicatesStep()] },
            _folder.At("cleaned"),
            cancellationToken: Ct
        );
        OriginFile[] files =
        [
            .. new[] { two, one }.Select(f => new OriginFile(
                f.Name,
                Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f.Path)))
            )),
        ];
        return (
            report.Version.Path,
            new VersionOrigins("Rows v2", files, [new OriginAside(report.SetAsidePath!, imported.Path, "Rows v2", ["Exact duplicates"])])
        );
    }
}
