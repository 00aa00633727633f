using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Import.Conversion;

namespace WebTrainer.Benchmarks.Files;

/// <summary>Reads each file of a folder as an import does, and writes what was read as JSON, for <c>compare.py</c>.</summary>
internal static class Reading
{
    private const int MostRecords = 2_000;
    private static readonly string[] s_documents = ["pdf", "docx"];
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task AllAsync(string folder, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            var clock = Stopwatch.StartNew();
            await using var output = File.Create(Path.Combine(target, Path.GetFileName(path) + ".json"));
            await using var json = new Utf8JsonWriter(output, s_json);
            json.WriteStartObject();
            try
            {
                await WriteAsync(path, json);
            }
            catch (DataProblemException e)
            {
                json.WriteString("refused", e.Message);
            }
            catch (Exception e)
            {
                json.WriteString("broke", e.ToString()); // no sentence for a person: always wrong
            }

            json.WriteNumber("seconds", clock.Elapsed.TotalSeconds);
            json.WriteEndObject();
        }
    }

    private static async Task WriteAsync(string path, Utf8JsonWriter json)
    {
        var converted = Path.GetTempFileName();
        File.Delete(converted);
        try
        {
            var file = new SourceFile(path, Path.GetFileName(path));
            var text = await new FileConverter().ConvertAsync(file, converted);
            if (s_documents.Contains(file.Extension) && text != file)
            {
                json.WriteString("text", await DocumentAsync(text.Path));
            }
            else
            {
                await WriteRecordsAsync(text, json);
            }
        }
        finally
        {
            File.Delete(converted);
        }
    }

    private static async Task<string> DocumentAsync(string path)
    {
        var (text, heading) = (new StringBuilder(), "");
        foreach (var line in await File.ReadAllLinesAsync(path))
        {
            var chunk = JsonSerializer.Deserialize<DocumentChunk>(line, WebTrainer.Protocol.ProtocolJson.Line)!;
            if (chunk.Heading != heading)
            {
                text.Append(chunk.Heading).Append('\n');
            }

            heading = chunk.Heading;
            text.Append(chunk.Text).Append('\n');
        }

        return text.ToString();
    }

    /// <returns>Null where a text in it can't be written, and the import would set the row aside.</returns>
    private static byte[]? TryWrite(SourceRecord record)
    {
        using var row = new MemoryStream();
        try
        {
            using var json = new Utf8JsonWriter(row, s_json);
            json.WriteStartObject();
            record.Fields!.Write(json);
            json.WriteEndObject();
        }
        catch (BrokenRowException)
        {
            return null;
        }

        return row.ToArray();
    }

    private static async Task WriteRecordsAsync(SourceFile file, Utf8JsonWriter json)
    {
        var limits = new ImportLimits();
        var inspection = await new FileInspector(limits).InspectAsync(file);
        await using var source = await SourceStream.OpenAsync(file.Path, inspection.Encoding, CancellationToken.None);
        var records = RecordReader.Create(source.Text, file, inspection, limits).ReadAsync(CancellationToken.None);
        var (problems, count) = (new List<string>(), 0);
        json.WriteString("encoding", inspection.Encoding.ToString());
        json.WriteString("dialect", inspection.Csv is { } csv ? $"{csv.Delimiter} {csv.HasHeader}" : inspection.Kind.ToString());
        json.WriteStartArray("records");
        await foreach (var record in records)
        {
            if (record.Problem is { } problem)
            {
                problems.Add($"{problem.Line}: {problem.Message}");
            }
            else if (TryWrite(record) is not { } row)
            {
                problems.Add($"{record.Line}: a text is no valid one");
            }
            else if (count++ < MostRecords)
            {
                json.WriteRawValue(row);
            }
        }

        json.WriteEndArray();
        json.WriteNumber("count", count);
        json.WriteStartArray("problems");
        problems.Take(100).ToList().ForEach(json.WriteStringValue);
        json.WriteEndArray();
    }
}
