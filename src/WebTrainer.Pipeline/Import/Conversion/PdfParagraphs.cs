using System.Globalization;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Util;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>
/// The paragraphs of a page, in the order in which they were drawn: programs draw columns and boxes one after the other, and guessing them
/// from where words stand was right less often (measured against pdftotext). Within a line, words go by where they stand.
/// </summary>
internal static class PdfParagraphs
{
    /// <summary>
    /// Heights of a line: the gap in a line that is still one, how far down the next line may begin, and how much of their height two words
    /// of a line share.
    /// </summary>
    private const double WidestGap = 20,
        NextLine = 1.9,
        SharedHeight = 0.3;

    public static IEnumerable<string> Of(Page page)
    {
        var paragraph = new List<string>();
        List<Word>? before = null;
        foreach (var line in Lines(Words(page)))
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

    private static IEnumerable<Word> Words(Page page) =>
        DefaultWordExtractor.Instance.GetWords(Shown(page.Letters)).Where(word => !string.IsNullOrWhiteSpace(word.Text));

    /// <summary>Without the spaces that some programs draw under a letter, for signs that have no width.</summary>
    private static List<Letter> Shown(IReadOnlyList<Letter> letters) =>
        [
            .. letters.Where(
                (letter, i) =>
                    !string.IsNullOrWhiteSpace(letter.Value)
                    || !(i > 0 && Covers(letters[i - 1], letter)) && !(i + 1 < letters.Count && Covers(letters[i + 1], letter))
            ),
        ];

    private static bool Covers(Letter letter, Letter space) =>
        !string.IsNullOrWhiteSpace(letter.Value)
        && Math.Abs(letter.StartBaseLine.Y - space.StartBaseLine.Y) < 1
        && Math.Min(letter.EndBaseLine.X, space.EndBaseLine.X) - Math.Max(letter.StartBaseLine.X, space.StartBaseLine.X)
            > (space.EndBaseLine.X - space.StartBaseLine.X) / 2;

    private static IEnumerable<List<Word>> Lines(IEnumerable<Word> words)
    {
        var line = new List<Word>();
        foreach (var word in words.OrderBy(word => word.Letters.Min(letter => letter.TextSequence)))
        {
            if (line.Count > 0 && !IsOfLine(line[^1], word))
            {
                yield return line;
                line = [];
            }

            line.Add(word);
        }

        if (line.Count > 0)
        {
            yield return line;
        }
    }

    private static bool IsOfLine(Word before, Word word)
    {
        var (one, other) = (before.BoundingBox, word.BoundingBox);
        if (IsMarks(word))
        {
            return other.Left <= one.Right + one.Height && other.Right >= one.Left - one.Height;
        }

        var shared = Math.Min(one.Top, other.Top) - Math.Max(one.Bottom, other.Bottom);
        var gap = Math.Max(other.Left - one.Right, one.Left - other.Right);
        return shared > SharedHeight * Math.Min(one.Height, other.Height) && gap < WidestGap * Math.Max(one.Height, other.Height);
    }

    /// <summary>Signs above and below letters, which stand beside no line of their own.</summary>
    internal static bool IsMarks(Word word) => word.Text.All(sign => char.GetUnicodeCategory(sign) == UnicodeCategory.NonSpacingMark);

    private static bool Follows(List<Word> before, List<Word> line)
    {
        var (top, height) = (
            line.Max(word => word.BoundingBox.Top),
            Math.Max(before.Max(word => word.BoundingBox.Height), line.Max(word => word.BoundingBox.Height))
        );
        var down = before.Max(word => word.BoundingBox.Top) - top;
        return down >= 0 && down <= NextLine * height;
    }
}
