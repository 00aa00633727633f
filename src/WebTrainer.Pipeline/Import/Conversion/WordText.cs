using DocumentFormat.OpenXml.Packaging;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>
/// The text of a DOCX as Word shows it, paragraph by paragraph and row by row; pages as the program that saved it last broke them.
/// </summary>
internal static class WordText
{
    public static IReadOnlyList<DocumentChunk> Chunks(SourceFile file) =>
        Bounds.Read(file.Name, "Word document", () => (IReadOnlyList<DocumentChunk>)[.. DocumentChunker.Join(Parts(file.Path), file.Name)]);

    private static IEnumerable<DocumentPart> Parts(string path)
    {
        using var document = WordprocessingDocument.Open(path, isEditable: false);
        if (document.MainDocumentPart is not { Document.Body: { } body } main)
        {
            yield break;
        }

        foreach (var part in new WordBlocks(main).Of(body))
        {
            yield return part;
        }
    }
}
