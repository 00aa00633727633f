using System.Globalization;
using System.Text;

namespace WebTrainer.Pipeline.Cleaning.Finders;

/// <summary>
/// A text as finders of numbers read it: the digits of all scripts are 0 to 9, spaces of any width are one, letters of Arabic keyboards are
/// as Persian writes them, and marks of direction, which texts from right to left have inside numbers, are left out.
/// </summary>
internal sealed class PlainView
{
    private const int FullWidth = 0xFEE0;
    private readonly List<int>? _starts,
        _ends;

    private PlainView(string text, List<int>? starts = null, List<int>? ends = null) => (Text, _starts, _ends) = (text, starts, ends);

    public string Text { get; }

    public static PlainView Of(string text)
    {
        if (Ascii.IsValid(text))
        {
            return new PlainView(text);
        }

        var plain = new StringBuilder(text.Length);
        var (starts, ends) = (new List<int>(text.Length), new List<int>(text.Length));
        for (int i = 0, units; i < text.Length; i += units)
        {
            units = char.IsSurrogatePair(text, i) ? 2 : 1;
            if (IsMark(text[i]))
            {
                continue;
            }
            // A digit beyond the first plane is one character instead of two; every other keeps its length.
            var isDigit = CharUnicodeInfo.GetUnicodeCategory(text, i) == UnicodeCategory.DecimalDigitNumber;
            if (isDigit)
            {
                plain.Append((char)('0' + CharUnicodeInfo.GetDecimalDigitValue(text, i)));
            }
            else if (units == 2)
            {
                plain.Append(text, i, units);
            }
            else
            {
                plain.Append(Plain(text[i]));
            }

            for (var unit = 0; unit < (isDigit ? 1 : units); unit++)
            {
                starts.Add(i + unit);
                ends.Add(isDigit ? i + units : i + unit + 1);
            }
        }

        return new PlainView(plain.ToString(), starts, ends);
    }

    /// <summary>The same piece of the text itself, without marks after its end.</summary>
    public Found InText(Found found) => _ends is null ? found : new Found(_starts![found.Start], _ends[found.End - 1]);

    private static char Plain(char c) =>
        c switch
        {
            '\u064A' or '\u0649' => '\u06CC', // yeh
            '\u0643' => '\u06A9', // kaf
            '\u066B' => '.',
            '\u060D' or '\u2044' or '\u2215' => '/',
            >= '\uFF01' and <= '\uFF5E' => (char)(c - FullWidth),
            _ => char.GetUnicodeCategory(c) == UnicodeCategory.SpaceSeparator ? ' ' : c,
        };

    private static bool IsMark(char c) =>
        c
            is '\u00AD'
                or '\u061C'
                or '\u200B'
                or '\u200E'
                or '\u200F'
                or (>= '\u202A' and <= '\u202E')
                or '\u2060'
                or (>= '\u2066' and <= '\u2069')
                or '\uFEFF';
}

/// <summary>Lets a finder look at the plain view of texts.</summary>
internal sealed class PlainFinder(IFinder finder) : IFinder
{
    public string Name => finder.Name;

    public IEnumerable<Found> Find(string text)
    {
        var view = PlainView.Of(text);
        return finder.Find(view.Text).Select(view.InText);
    }
}
