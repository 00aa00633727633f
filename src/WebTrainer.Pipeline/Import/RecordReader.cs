namespace WebTrainer.Pipeline.Import;

/// <summary>Reads the records of a file one after the other.</summary>
internal interface IRecordReader
{
    /// <summary>Broken records come as problems; only what makes the rest unreadable throws.</summary>
    /// <exception cref="DataProblemException">A record is longer than the limit.</exception>
    IAsyncEnumerable<SourceRecord> ReadAsync(CancellationToken cancellationToken);
}

internal static class RecordReader
{
    public static IRecordReader Create(Stream text, SourceFile file, FileInspection found, ImportLimits limits) =>
        found.Kind switch
        {
            FileKind.JsonLines => new JsonLinesReader(new Utf8LineReader(text, file.Name, limits.MaxLineBytes), limits),
            FileKind.JsonArray => new JsonArrayReader(new JsonArraySplitter(text, file.Name, limits.MaxLineBytes), limits),
            FileKind.Delimited => new CsvRecordReader(
                new Utf8LineReader(text, file.Name, limits.MaxLineBytes),
                found.Csv ?? throw new ArgumentException("No dialect.", nameof(found)),
                limits
            ),
            _ => throw new ArgumentOutOfRangeException(nameof(found)),
        };
}
