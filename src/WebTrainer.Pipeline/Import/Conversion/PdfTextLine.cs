using System.Globalization;
using System.Text;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>
/// A line as it is read: pages have signs where they are seen, from left to right, and as the forms that a font has of them.
/// </summary>
internal static class PdfTextLine
{
    /// <summary>Space that sets words apart, in sizes of the font; programs that justify lines draw no other.</summary>
    private const double WordGap = 0.1;

    public static string Text(IReadOnlyList<PdfSign> line)
    {
        var (signs, right) = (new List<string>(), (PdfSign?)null);
        foreach (var sign in WithMarks(line))
        {
            if (right is not null && !PdfLines.IsMark(sign) && sign.Left - right.Right > WordGap * Math.Max(sign.Size, right.Size))
            {
                signs.Add(" ");
            }

            signs.Add(sign.Text);
            right = right is null || sign.Right > right.Right ? sign : right;
        }

        return Letters(string.Concat(signs.Sum(Direction) < 0 ? FromTheRight(signs) : signs));
    }

    /// <summary>
    /// Signs of a line that is read from the right: the other way round, but for numbers and stretches of scripts that are read from the
    /// left. Brackets are drawn as they look there, so each is the other one.
    /// </summary>
    internal static List<string> FromTheRight(IReadOnlyList<string> seen)
    {
        var (read, i) = (new List<string>(seen.Count), seen.Count - 1);
        while (i >= 0)
        {
            var first = StartOfRun(seen, i);
            if (first > i)
            {
                read.Add(Mirrored(seen[i--]));
            }
            else
            {
                read.AddRange(seen.Skip(first).Take(i - first + 1));
                i = first - 1;
            }
        }

        return read;
    }

    /// <summary>Letters instead of their forms at the beginning, in the middle or at the end of a word, and instead of ligatures.</summary>
    internal static string Letters(string text)
    {
        var letters = new StringBuilder(text.Length);
        foreach (var sign in text)
        {
            // Some programs write NUL for a sign that they have no character of.
            if (sign is >= '\uFB00' and <= '\uFDFF' or >= '\uFE70' and <= '\uFEFC')
            {
                letters.Append(sign.ToString().Normalize(NormalizationForm.FormKC).Trim());
            }
            else if (sign != '\0')
            {
                letters.Append(sign);
            }
        }

        return letters.ToString();
    }

    /// <summary>The letters from left to right; marks that the page has beside them are put where they stand.</summary>
    private static List<PdfSign> WithMarks(IReadOnlyList<PdfSign> line)
    {
        var letters = line.Where(sign => !PdfLines.IsMark(sign)).OrderBy(sign => sign.Left).ToList();
        foreach (var mark in line.Where(PdfLines.IsMark))
        {
            var place = letters.FindIndex(letter => letter.Right > mark.Left);
            letters.Insert(place < 0 ? letters.Count : place, mark);
        }

        return letters;
    }

    /// <returns>Where the stretch begins that ends here and is read from the left; behind <paramref name="end"/> where there is
    /// none.</returns>
    private static int StartOfRun(IReadOnlyList<string> signs, int end)
    {
        if (Direction(signs[end]) <= 0 && !IsDigit(signs[end]))
        {
            return end + 1;
        }

        var (start, hasLetters) = (end, Direction(signs[end]) > 0);
        for (var i = end - 1; i >= 0 && Direction(signs[i]) >= 0; i--)
        {
            var isLetter = Direction(signs[i]) > 0;
            if (!isLetter && !IsDigit(signs[i]))
            {
                continue;
            }
            // Between numbers alone stand single signs; between words of other scripts, spaces and brackets too.
            if (!(hasLetters || isLetter) && !IsOneNumber(signs, i, start))
            {
                break;
            }

            (start, hasLetters) = (i, hasLetters || isLetter);
        }

        return start;
    }

    private static bool IsOneNumber(IReadOnlyList<string> signs, int from, int to) =>
        to - from == 1 || to - from == 2 && signs[from + 1] is "." or "," or ":" or "/" or "-" or "٫" or "٬";

    private static bool IsDigit(string sign) => sign.Length > 0 && char.IsDigit(sign[0]);

    /// <summary>Below zero for letters of scripts that are read from the right, above it for those of others.</summary>
    private static int Direction(string sign)
    {
        if (sign.Length == 0 || !char.IsLetter(sign[0]))
        {
            return 0;
        }

        return sign[0] is >= '\u0590' and <= '\u08FF' or >= '\uFB1D' and <= '\uFDFF' or >= '\uFE70' and <= '\uFEFC' ? -1 : 1;
    }

    private static string Mirrored(string sign) =>
        sign switch
        {
            "(" => ")",
            ")" => "(",
            "[" => "]",
            "]" => "[",
            "{" => "}",
            "}" => "{",
            "<" => ">",
            ">" => "<",
            "«" => "»",
            "»" => "«",
            "‹" => "›",
            "›" => "‹",
            _ => sign,
        };
}
