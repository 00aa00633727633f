using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>Several files of rows as one: an object a line, with the name of its file.</summary>
internal static class TableSet
{
    /// <summary>The field that says from which file a row came.</summary>
    public const string FileField = "file";

    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="files">Already converted: text that readers of rows take.</param>
    public static async Task WriteAsync(
        IAsyncEnumerable<SourceFile> files,
        string target,
        ImportLimits limits,
        CancellationToken cancellationToken
    )
    {
        await using var output = new FileStream(target, FileMode.CreateNew);
        await foreach (var file in files.WithCancellation(cancellationToken))
        {
            await AddAsync(file, output, limits, cancellationToken);
        }
    }

    private static async Task AddAsync(SourceFile file, Stream output, ImportLimits limits, CancellationToken cancellationToken)
    {
        var inspection = await new FileInspector(limits).InspectAsync(file, cancellationToken: cancellationToken);
        await using var source = await SourceStream.OpenAsync(file.Path, inspection.Encoding, cancellationToken);
        await foreach (var record in RecordReader.Create(source.Text, file, inspection, limits).ReadAsync(cancellationToken))
        {
            var line = record.Problem is { } problem ? Broken(file, problem) : Row(file, record);
            await output.WriteAsync(line, cancellationToken);
        }
    }

    private static byte[] Row(SourceFile file, SourceRecord record)
    {
        using var line = new MemoryStream();
        try
        {
            using var json = new Utf8JsonWriter(line, s_json);
            json.WriteStartObject();
            record.Fields!.Write(json);
            if (record.Fields.KindOf(FileField) == FieldKind.Missing)
            {
                json.WriteString(FileField, file.Name);
            }

            json.WriteEndObject();
        }
        catch (BrokenRowException e)
        {
            return Broken(file, new RowProblem(record.Line, e.Key, e.Message));
        }

        line.WriteByte((byte)'\n');
        return line.ToArray();
    }

    /// <summary>No object, so that the import lists it: with the file and line where it was broken.</summary>
    private static byte[] Broken(SourceFile file, RowProblem problem) =>
        Encoding.UTF8.GetBytes($"{file.Name}, {SourcePlace.Words(problem.Line)}: {problem.Message}\n");
}
