using System.Text;

namespace WebTrainer.Pipeline.Import;

/// <summary>A line as it stands in the file.</summary>
/// <param name="Line">Counted from 1.</param>
/// <param name="Cells">Its fields, where the file is a table; else the line alone.</param>
public sealed record RawRow(long Line, IReadOnlyList<string> Cells);

/// <summary>The beginning of a file before anything is made of it, so that a person can see whether it is read as it was meant.</summary>
public static class RawRows
{
    private const int HeadCharacters = 32 * 1024,
        MostCharacters = 400;

    /// <summary>The first lines, those above the table too.</summary>
    public static async Task<IReadOnlyList<RawRow>> ReadAsync(
        SourceFile file,
        FileInspection inspection,
        int rows,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(inspection);
        await using var source = await SourceStream.OpenAsync(file.Path, inspection.Encoding, cancellationToken);
        using var reader = new StreamReader(source.Text, Encoding.UTF8);
        var head = new char[HeadCharacters];
        var read = await reader.ReadBlockAsync(head, cancellationToken);
        return
        [
            .. new string(head, 0, read)
                .Split('\n')
                .Take(rows)
                .Select((line, i) => new RawRow(i + 1, Cells(line.TrimEnd('\r'), inspection.Csv))),
        ];
    }

    private static IReadOnlyList<string> Cells(string line, CsvDialect? dialect)
    {
        if (dialect is null)
        {
            return [Short(line)];
        }

        var parser = new CsvRecordParser(dialect.Delimiter, dialect.Quote);
        return parser.Add(line) == CsvState.Complete ? [.. parser.Fields.Select(Short)] : [Short(line)];
    }

    private static string Short(string text) => text.Length <= MostCharacters ? text : string.Concat(text.AsSpan(0, MostCharacters), "…");
}
