using System.Runtime.CompilerServices;

namespace WebTrainer.Pipeline.Import;

/// <summary>The objects of one JSON list.</summary>
internal sealed class JsonArrayReader(JsonArraySplitter splitter, ImportLimits limits) : IRecordReader
{
    public async IAsyncEnumerable<SourceRecord> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (element, lineBefore) = (0L, 0L);
        while (await splitter.ReadAsync(cancellationToken))
        {
            element++;
            // A line names one row at most: its id is made of it.
            var place = splitter.ElementLine == lineBefore ? -element : splitter.ElementLine;
            lineBefore = splitter.ElementLine;
            using var row = JsonRow.Parse(splitter.Element, place, limits.MaxJsonDepth);
            yield return row.Record;
        }

        if (!splitter.Closed)
        {
            yield return SourceRecord.Broken(splitter.Line, "The file ends before its list does.");
        }
    }
}
