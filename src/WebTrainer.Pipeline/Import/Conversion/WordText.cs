using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>The text of a DOCX, paragraph by paragraph; pages as the program that saved it last broke them.</summary>
internal static class WordText
{
    public static IReadOnlyList<DocumentChunk> Chunks(SourceFile file) =>
        Bounds.Read(file.Name, "Word document", () => (IReadOnlyList<DocumentChunk>)[.. DocumentChunker.Join(Parts(file.Path), file.Name)]);

    private static IEnumerable<DocumentPart> Parts(string path)
    {
        using var document = WordprocessingDocument.Open(path, isEditable: false);
        var page = 1;
        foreach (var paragraph in document.MainDocumentPart?.Document?.Body?.Descendants<Paragraph>() ?? [])
        {
            // A break within a paragraph counts for what follows it: the paragraph stands where it begins.
            yield return new DocumentPart(paragraph.InnerText, IsHeading(paragraph), page);
            page += paragraph.Descendants<LastRenderedPageBreak>().Count();
            page += paragraph.Descendants<Break>().Count(b => b.Type is not null && b.Type == BreakValues.Page);
        }
    }

    private static bool IsHeading(Paragraph paragraph)
    {
        var style = paragraph.ParagraphProperties?.ParagraphStyleId?.Val?.Value;
        return style is not null && (style.StartsWith("Heading", StringComparison.OrdinalIgnoreCase) || style == "Title");
    }
}
