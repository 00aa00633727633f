using System.Runtime.CompilerServices;

namespace WebTrainer.Pipeline.Import;

/// <summary>The objects of one JSON list.</summary>
internal sealed class JsonArrayReader(JsonArraySplitter splitter, ImportLimits limits) : IRecordReader
{
    public async IAsyncEnumerable<SourceRecord> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await splitter.ReadAsync(cancellationToken))
        {
            using var row = JsonRow.Parse(splitter.Element, splitter.ElementLine, limits.MaxJsonDepth);
            yield return row.Record;
        }

        if (!splitter.Closed) yield return SourceRecord.Broken(splitter.Line, "The file ends before its list does.");
    }
}
