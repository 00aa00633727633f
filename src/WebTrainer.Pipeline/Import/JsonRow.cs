using System.Text.Json;
using System.Text.Unicode;

namespace WebTrainer.Pipeline.Import;

/// <summary>The JSON of one row and the buffers that it lives in.</summary>
internal readonly struct JsonRow : IDisposable
{
    private readonly JsonDocument? _document;

    private JsonRow(SourceRecord record, JsonDocument? document = null)
    {
        Record = record;
        _document = document;
    }

    public SourceRecord Record { get; }

    public static JsonRow Parse(ReadOnlyMemory<byte> json, long line, int maxDepth)
    {
        if (!Utf8.IsValid(json.Span))
        {
            return new JsonRow(SourceRecord.Broken(line, "The row is not valid UTF-8 text."));
        }

        try
        {
            var document = Document(json, new JsonDocumentOptions { MaxDepth = maxDepth });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonRow(SourceRecord.Good(line, new JsonFields(document.RootElement)), document)
                : new JsonRow(SourceRecord.Broken(line, "The row is not a JSON object."), document);
        }
        catch (JsonException e)
        {
            return new JsonRow(SourceRecord.Broken(line, $"The row is not valid JSON: {Shorten(e.Message)}"));
        }
    }

    public void Dispose() => _document?.Dispose();

    /// <summary>Python and DuckDB write NaN and Infinity, which JSON does not have: they are nothing that can be learned.</summary>
    private static JsonDocument Document(ReadOnlyMemory<byte> json, JsonDocumentOptions options)
    {
        try
        {
            return JsonDocument.Parse(json, options);
        }
        catch (JsonException) when (NotNumbers.Replace(json.Span) is { } replaced)
        {
            return JsonDocument.Parse(replaced, options);
        }
    }

    // The parser adds its own line and byte position, which count within the row and would contradict ours.
    private static string Shorten(string message)
    {
        var cut = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return cut < 0 ? message : message[..cut];
    }
}
