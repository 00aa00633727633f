using UglyToad.PdfPig;
using UglyToad.PdfPig.DocumentLayoutAnalysis.TextExtractor;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>The text of a PDF, page by page.</summary>
internal static class PdfText
{
    public static IEnumerable<DocumentChunk> Chunks(SourceFile file, ImportLimits limits, CancellationToken cancellationToken)
    {
        Bounds.RefuseLargeDocument(new FileInfo(file.Path).Length, file.Name, limits);
        return DocumentChunker.Join(Parts(file, limits, cancellationToken), file.Name);
    }

    private static IEnumerable<DocumentPart> Parts(SourceFile file, ImportLimits limits, CancellationToken cancellationToken)
    {
        using var document = Bounds.Read(file.Name, "PDF document", () => PdfDocument.Open(file.Path));
        if (document.NumberOfPages > limits.MaxPages)
            throw new DataProblemException($"'{file.Name}' has {document.NumberOfPages:N0} pages; at most {limits.MaxPages:N0} are read.");
        for (var page = 1; page <= document.NumberOfPages; page++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var number = page;
            var text = Bounds.Read(file.Name, "PDF document", () => ContentOrderTextExtractor.GetText(document.GetPage(number), addDoubleNewline: true));
            foreach (var paragraph in text.ReplaceLineEndings("\n").Replace("\0", "", StringComparison.Ordinal).Split("\n\n"))
                yield return new DocumentPart(paragraph, IsHeading: false, page);
        }
    }
}
