using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>Leads rows that were made of a document back to where they stand in it.</summary>
public static class ChunkReader
{
    /// <param name="path">The converted file.</param>
    /// <param name="line">Counted from 1.</param>
    /// <returns>The piece; null where the file holds rows of another kind, or has no such line.</returns>
    public static async Task<DocumentChunk?> FindAsync(string path, long line, CancellationToken cancellationToken = default)
    {
        await using var source = await SourceStream.OpenAsync(path, cancellationToken);
        var lines = new Utf8LineReader(source.Text, Path.GetFileName(path), new ImportLimits().MaxLineBytes);
        while (await lines.ReadAsync(cancellationToken))
        {
            if (lines.Number < line)
            {
                continue;
            }

            try
            {
                return
                    JsonSerializer.Deserialize<DocumentChunk>(lines.Line.Span, ProtocolJson.Line)
                        is { Document: not null, Text: not null } chunk
                    ? chunk
                    : null;
            }
            catch (JsonException)
            {
                // A table: its rows have no pages.
                return null;
            }
        }

        return null;
    }
}
