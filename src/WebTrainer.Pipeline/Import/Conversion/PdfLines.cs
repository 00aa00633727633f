using System.Globalization;
using UglyToad.PdfPig.Content;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>
/// The lines of a page, in the order in which they were begun: programs draw columns and boxes one after the other, and guessing them from
/// where words stand was right less often (measured against pdftotext). Within a line, letters go by where they stand.
/// </summary>
internal static class PdfLines
{
    /// <summary>
    /// In sizes of the font: the gap within a line that is still one, that to a line which was begun before, and how far a letter may stand
    /// above or below (raised numbers do).
    /// </summary>
    private const double WidestGap = 12,
        GapOfEarlier = 0.6,
        Raised = 0.5;

    /// <summary>Lines begun before to which a letter may still belong: ligatures and raised numbers are often drawn last.</summary>
    private const int EarlierLines = 60;

    public static List<List<PdfSign>> Of(Page page)
    {
        var (lines, last) = (new List<List<PdfSign>>(), (List<PdfSign>?)null);
        var drawn = new Dictionary<(string, int, int), PdfSign>();
        foreach (var letter in page.Letters.Where(letter => !string.IsNullOrWhiteSpace(letter.Value)))
        {
            var sign = PdfSign.Of(letter);
            if (IsShadow(sign, drawn))
            {
                continue;
            }

            last = LineOf(sign, last, lines);
            last.Add(sign);
        }

        return lines;
    }

    private static List<PdfSign> LineOf(PdfSign sign, List<PdfSign>? last, List<List<PdfSign>> lines)
    {
        if (last is not null && Belongs(sign, last[^1], WidestGap))
        {
            return last;
        }

        for (var i = lines.Count - 1; i >= Math.Max(0, lines.Count - EarlierLines); i--)
        {
            if (lines[i].Exists(other => Belongs(sign, other, GapOfEarlier)))
            {
                return lines[i];
            }
        }

        var line = new List<PdfSign>();
        lines.Add(line);
        return line;
    }

    private static bool Belongs(PdfSign sign, PdfSign other, double gap)
    {
        var size = Math.Max(sign.Size, other.Size);
        var isBeside = sign.Turn == other.Turn && sign.GapTo(other) < gap * size;
        // Marks stand above or below their letter, and have lines of their own in some programs.
        return isBeside && Math.Abs(sign.Base - other.Base) <= (IsMark(sign) ? 2 * Raised : Raised) * size;
    }

    /// <summary>Signs above and below letters, which have no place of their own in a line.</summary>
    public static bool IsMark(PdfSign sign) => sign.Text.All(c => char.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark);

    private static bool IsShadow(PdfSign sign, Dictionary<(string, int, int), PdfSign> drawn)
    {
        var (x, y) = ((int)Math.Floor(sign.Left / sign.Size), (int)Math.Floor(sign.Base / sign.Size));
        for (var i = -1; i <= 1; i++)
        {
            for (var j = -1; j <= 1; j++)
            {
                if (drawn.TryGetValue((sign.Text, x + i, y + j), out var before) && sign.IsShadowOf(before))
                {
                    return true;
                }
            }
        }

        drawn[(sign.Text, x, y)] = sign;
        return false;
    }
}
