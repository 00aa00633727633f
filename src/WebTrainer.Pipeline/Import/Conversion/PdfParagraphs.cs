using UglyToad.PdfPig.Content;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>The paragraphs of a page: lines that stand below one another.</summary>
internal static class PdfParagraphs
{
    /// <summary>How far down the next line of a paragraph may stand, in sizes of the font.</summary>
    private const double NextLine = 1.6;

    public static IEnumerable<string> Of(Page page)
    {
        var paragraph = new List<string>();
        List<PdfSign>? before = null;
        foreach (var line in PdfLines.Of(page))
        {
            if (before is not null && !Follows(before, line))
            {
                yield return Join(paragraph);
                paragraph.Clear();
            }

            paragraph.Add(PdfTextLine.Text(line));
            before = line;
        }

        if (paragraph.Count > 0)
        {
            yield return Join(paragraph);
        }
    }

    /// <summary>Lines of a paragraph; a word that was broken at the end of one is whole again.</summary>
    internal static string Join(IEnumerable<string> lines)
    {
        var text = "";
        foreach (var line in lines)
        {
            var isBroken =
                text.Length > 1
                && text[^1] is '-' or '\u00AD' or '\u2010'
                && char.IsLetter(text[^2])
                && line.Length > 0
                && char.IsLower(line[0]);
            text =
                text.Length == 0 ? line
                : isBroken ? text[..^1] + line
                : $"{text}\n{line}";
        }

        return text;
    }

    private static bool Follows(List<PdfSign> before, List<PdfSign> line)
    {
        var (size, down) = (Math.Max(before.Max(sign => sign.Size), line.Max(sign => sign.Size)), BaseOf(before) - BaseOf(line));
        return before[0].Turn == line[0].Turn && down >= 0 && down <= NextLine * size;
    }

    /// <summary>That of its largest letters: others may be raised.</summary>
    private static double BaseOf(List<PdfSign> line) => line.MaxBy(sign => sign.Size)!.Base;
}
