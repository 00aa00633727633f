using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>Paragraphs, tables and text boxes of a Word document in the order in which they are read.</summary>
internal sealed class WordBlocks(MainDocumentPart main)
{
    private readonly WordHeadings _headings = new(main);
    private int _page = 1;

    public IEnumerable<DocumentPart> Of(OpenXmlElement parent) => parent.ChildElements.SelectMany(Block);

    private IEnumerable<DocumentPart> Block(OpenXmlElement element) =>
        element.LocalName switch
        {
            "p" => Paragraph(element),
            "tbl" => Rows(element),
            "sdt" or "sdtContent" or "customXml" or "ins" or "moveTo" => Of(element),
            "AlternateContent" => WordLine.Shown(element) is { } shown ? Of(shown) : [],
            _ => [],
        };

    private IEnumerable<DocumentPart> Paragraph(OpenXmlElement paragraph)
    {
        var line = new WordLine(Note);
        line.Read(paragraph);
        // A break within a paragraph counts for what follows it: the paragraph stands where it begins.
        yield return new DocumentPart(line.Text, _headings.IsHeading(paragraph), _page);
        _page += line.PageBreaks;
        foreach (var part in line.Boxes.SelectMany(Of))
        {
            yield return part;
        }
    }

    /// <summary>A row is read as one line, its cells apart by tabs.</summary>
    private IEnumerable<DocumentPart> Rows(OpenXmlElement table)
    {
        foreach (var row in Inside(table, "tr").Where(row => !IsDeleted(row)))
        {
            yield return new DocumentPart(string.Join('\t', Inside(row, "tc").Select(Words)), IsHeading: false, _page);
        }
    }

    private string Words(OpenXmlElement cell) => string.Join(' ', Of(cell).Select(part => part.Text.Trim()).Where(text => text.Length > 0));

    private string Note(string kind, string id)
    {
        OpenXmlElement? notes = kind == "footnoteReference" ? main.FootnotesPart?.Footnotes : main.EndnotesPart?.Endnotes;
        return notes?.ChildElements.FirstOrDefault(note => WordLine.Attribute(note, "id") == id) is { } found ? Words(found) : "";
    }

    /// <summary>Rows and cells may stand inside a form's controls.</summary>
    private static IEnumerable<OpenXmlElement> Inside(OpenXmlElement parent, string name) =>
        parent.ChildElements.SelectMany(child =>
            child.LocalName == name ? [child]
            : child.LocalName is "sdt" or "sdtContent" or "customXml" ? Inside(child, name)
            : []
        );

    private static bool IsDeleted(OpenXmlElement row) =>
        row.ChildElements.FirstOrDefault(child => child.LocalName == "trPr")?.ChildElements.Any(child => child.LocalName == "del") == true;
}
