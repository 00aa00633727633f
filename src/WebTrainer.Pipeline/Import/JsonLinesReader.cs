using System.Runtime.CompilerServices;

namespace WebTrainer.Pipeline.Import;

/// <summary>One JSON object a line; empty lines mean nothing.</summary>
internal sealed class JsonLinesReader(Utf8LineReader lines, ImportLimits limits) : IRecordReader
{
    public async IAsyncEnumerable<SourceRecord> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await lines.ReadAsync(cancellationToken))
        {
            if (lines.Line.Span.TrimEnd(" \t\r"u8).IsEmpty)
            {
                continue;
            }

            using var row = JsonRow.Parse(lines.Line, lines.Number, limits.MaxJsonDepth);
            yield return row.Record;
        }
    }
}
