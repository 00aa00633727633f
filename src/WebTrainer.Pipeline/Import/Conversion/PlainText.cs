using System.Text;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>Prose as a file of text or Markdown.</summary>
internal static class PlainText
{
    /// <summary>Whether a file of text is no table and no JSON, which the readers of rows know better.</summary>
    public static async Task<bool> IsProseAsync(SourceFile file, ImportLimits limits, CancellationToken cancellationToken)
    {
        await using var source = await SourceStream.OpenAsync(file.Path, cancellationToken);
        var lines = new Utf8LineReader(source.Text, file.Name, limits.MaxLineBytes);
        var sample = new List<string>();
        while (sample.Count < limits.SampleRows && await lines.ReadAsync(cancellationToken))
        {
            sample.Add(Encoding.UTF8.GetString(lines.Line.Span));
        }

        var first = sample.Find(l => !string.IsNullOrWhiteSpace(l))?.TrimStart();
        return first is not null && first[0] is not ('{' or '[') && CsvSniffer.Sniff(sample, allowOneColumn: false, limits) is null;
    }

    public static async Task<IEnumerable<DocumentChunk>> ChunksAsync(
        SourceFile file,
        ImportLimits limits,
        CancellationToken cancellationToken
    )
    {
        Bounds.RefuseLargeDocument(new FileInfo(file.Path).Length, file.Name, limits);
        await using var source = await SourceStream.OpenAsync(file.Path, cancellationToken);
        using var reader = new StreamReader(source.Text);
        return DocumentChunker.Join(Parts(await reader.ReadToEndAsync(cancellationToken)), file.Name);
    }

    /// <summary>Paragraphs are set apart by empty lines; a line of Markdown that begins with # is a heading.</summary>
    internal static IEnumerable<DocumentPart> Parts(string text)
    {
        var paragraph = new StringBuilder();
        var inCode = false;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                inCode = !inCode;
            }

            var heading = inCode ? null : Heading(line);
            var ends = heading is not null || (line.AsSpan().Trim().IsEmpty && !inCode);
            if (!ends)
            {
                paragraph.Append(paragraph.Length == 0 ? "" : "\n").Append(line);
            }

            if (!ends)
            {
                continue;
            }

            yield return new DocumentPart(paragraph.ToString(), IsHeading: false, Page: 0);
            paragraph.Clear();
            if (heading is not null)
            {
                yield return new DocumentPart(heading, IsHeading: true, Page: 0);
            }
        }

        yield return new DocumentPart(paragraph.ToString(), IsHeading: false, Page: 0);
    }

    private static string? Heading(string line)
    {
        var text = line.TrimStart('#');
        var level = line.Length - text.Length;
        return level is >= 1 and <= 6 && text.StartsWith(' ') ? text.Trim(' ', '#') : null;
    }
}
