using UglyToad.PdfPig;
using UglyToad.PdfPig.AcroForms;
using UglyToad.PdfPig.AcroForms.Fields;
using UglyToad.PdfPig.Exceptions;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>The text of a PDF, page by page, with what was filled into its forms.</summary>
internal static class PdfText
{
    public static IEnumerable<DocumentChunk> Chunks(SourceFile file, ImportLimits limits, CancellationToken cancellationToken)
    {
        Bounds.RefuseLargeDocument(new FileInfo(file.Path).Length, file.Name, limits);
        return DocumentChunker.Join(Parts(file, limits, cancellationToken), file.Name);
    }

    private static IEnumerable<DocumentPart> Parts(SourceFile file, ImportLimits limits, CancellationToken cancellationToken)
    {
        using var document = Open(file);
        if (document.NumberOfPages > limits.MaxPages)
        {
            throw new DataProblemException($"'{file.Name}' has {document.NumberOfPages:N0} pages; at most {limits.MaxPages:N0} are read.");
        }

        document.TryGetForm(out var form);
        var bad = new List<int>();
        for (var page = 1; page <= document.NumberOfPages; page++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var paragraph in Page(document, form, page, bad))
            {
                yield return new DocumentPart(paragraph, IsHeading: false, page);
            }
        }

        if (bad.Count == document.NumberOfPages)
        {
            throw new DataProblemException($"'{file.Name}' is a PDF document of which no page can be read; it may be damaged.");
        }
        // A sentence among the texts: whoever works with them must know that some are missing.
        if (bad.Count > 0)
        {
            yield return new DocumentPart(
                $"[{(bad.Count == 1 ? "Page" : "Pages")} {string.Join(", ", bad)} of '{file.Name}' can't be read; the text there is missing.]",
                IsHeading: false,
                bad[0]
            );
        }
    }

    private static PdfDocument Open(SourceFile file)
    {
        try
        {
            return Bounds.Read(file.Name, "PDF document", () => PdfDocument.Open(file.Path));
        }
        catch (DataProblemException e) when (e.InnerException is PdfDocumentEncryptedException)
        {
            throw new DataProblemException(
                $"'{file.Name}' is encrypted with a password. Save this document without one and upload it again.",
                cause: e
            );
        }
    }

    /// <summary>A page that can't be read costs itself, and not the document.</summary>
    private static IReadOnlyList<string> Page(PdfDocument document, AcroForm? form, int number, List<int> bad)
    {
        try
        {
            var filledIn = form?.GetFieldsForPage(number).Select(Value).OfType<string>() ?? [];
            return [.. PdfParagraphs.Of(document.GetPage(number)), .. filledIn];
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException or IOException))
        {
            bad.Add(number); // said at the end
            return [];
        }
    }

    private static string? Value(AcroFieldBase field) =>
        field switch
        {
            AcroTextField { Value: { Length: > 0 } text } => Named(field, text),
            AcroComboBoxField { SelectedOptions: { Count: > 0 } chosen } => Named(field, string.Join(", ", chosen)),
            AcroListBoxField { SelectedOptions: { Count: > 0 } chosen } => Named(field, string.Join(", ", chosen)),
            _ => null,
        };

    private static string Named(AcroFieldBase field, string value) =>
        field.Information.PartialName is { Length: > 0 } name ? $"{name}: {value}" : value;
}
