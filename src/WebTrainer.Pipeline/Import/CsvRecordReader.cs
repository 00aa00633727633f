using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace WebTrainer.Pipeline.Import;

/// <summary>The records of a delimited file; a broken one costs its own line, not the rest of the file.</summary>
internal sealed class CsvRecordReader(Utf8LineReader lines, CsvDialect dialect, ImportLimits limits) : IRecordReader
{
    private readonly CsvRecordParser _parser = new(dialect.Delimiter, dialect.Quote);

    // Lines of a record that turned out broken: read again from its second line on.
    private readonly Queue<CsvLine> _again = new();

    public async IAsyncEnumerable<SourceRecord> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isHeader = dialect.HasHeader;
        var record = new List<CsvLine>();
        while (await NextLineAsync(cancellationToken) is { } line)
        {
            if (line.Number < dialect.FirstLine || line.IsBlank)
            {
                continue;
            }

            var fault = await ReadRecordAsync(line, record, cancellationToken);
            if (isHeader)
            {
                isHeader = false;
            }
            else
            {
                yield return fault is null ? Check(line.Number) : SourceRecord.Broken(line.Number, fault);
            }
        }
    }

    /// <returns>What is wrong with the record that begins with <paramref name="first"/>; null when it was read.</returns>
    private async ValueTask<string?> ReadRecordAsync(CsvLine first, List<CsvLine> record, CancellationToken cancellationToken)
    {
        _parser.Reset();
        record.Clear();
        long bytes = 0;
        for (CsvLine? line = first; line is not null; line = await NextLineAsync(cancellationToken))
        {
            record.Add(line);
            bytes += line.Bytes;
            if (line.Text is null)
            {
                return GiveUp(record, "The row is not valid UTF-8 text.");
            }

            var state = _parser.Add(line.Text);
            if (state == CsvState.Complete)
            {
                return null;
            }

            if (state == CsvState.Broken)
            {
                return GiveUp(record, _parser.Fault!);
            }

            if (bytes > limits.MaxLineBytes || record.Count >= limits.MaxCsvRecordLines)
            {
                break;
            }
        }

        return GiveUp(record, "A quote is opened and never closed.");
    }

    private string GiveUp(List<CsvLine> record, string fault)
    {
        // What was already waiting comes after the lines that this record had taken.
        var waiting = _again.ToArray();
        _again.Clear();
        foreach (var line in record.Skip(1).Concat(waiting))
        {
            _again.Enqueue(line);
        }

        return fault;
    }

    private SourceRecord Check(long line)
    {
        var expected = dialect.Columns.Count;
        return _parser.Fields.Count == expected
            ? SourceRecord.Good(line, new CsvFields(dialect, _parser.Fields))
            : SourceRecord.Broken(line, $"The row has {_parser.Fields.Count} fields instead of {expected}.");
    }

    private async ValueTask<CsvLine?> NextLineAsync(CancellationToken cancellationToken)
    {
        if (_again.TryDequeue(out var line))
        {
            return line;
        }

        return await lines.ReadAsync(cancellationToken) ? CsvLine.From(lines.Line.Span, lines.Number) : null;
    }

    /// <param name="Text">Null where the bytes are no valid text.</param>
    private sealed record CsvLine(long Number, string? Text, int Bytes)
    {
        public bool IsBlank => Text is not null && Text.AsSpan().TrimEnd('\r').IsEmpty;

        public static CsvLine From(ReadOnlySpan<byte> line, long number) =>
            new(number, Utf8.IsValid(line) ? Encoding.UTF8.GetString(line) : null, line.Length);
    }
}
