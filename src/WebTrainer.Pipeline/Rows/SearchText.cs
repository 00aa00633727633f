using System.Globalization;
using System.Text;

namespace WebTrainer.Pipeline.Rows;

/// <summary>
/// Writes texts as searches compare them, so that each way of writing a word finds the others: case, accents and vowel marks, composed and
/// decomposed letters, letters that Arabic and Persian keyboards write differently, and the digits of all scripts.
/// </summary>
public static class SearchText
{
    /// <summary>Goes up with every change of what is folded: an index of words that was made by another version is made anew.</summary>
    public const int Version = 2;

    /// <summary>
    /// The zero-width non-joiner stays in folded texts: <see cref="SearchPhrase"/> reads it as the joint of a word, which others write as a
    /// space or not at all.
    /// </summary>
    public const char Joint = '\u200C';

    /// <summary>Characters of no text, which stand for what has no single character.</summary>
    private const char NoSingle = '\uFFFF',
        Dropped = '\uFFFE';

    private static readonly Lazy<char[]> s_singles = new(Singles);

    private const int ShortI = 'и';
    private const int Breve = 0x0306;

    /// <returns>The folded text; folding it again changes nothing. Composed (NFC), but for what has no composed form.</returns>
    public static string Fold(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Ascii.IsValid(text))
        {
            return text.ToLowerInvariant();
        }

        var (singles, folded, length) = (s_singles.Value, new char[text.Length], 0);
        foreach (var c in text)
        {
            var single = singles[c];
            if (single == NoSingle)
            {
                return FoldWhole(text);
            }

            if (single != Dropped)
            {
                folded[length++] = single;
            }
        }

        return new string(folded, 0, length);
    }

    /// <summary>The definition. <see cref="Fold"/> looks most characters up instead, which is many times faster.</summary>
    internal static string FoldWhole(string text)
    {
        var folded = new StringBuilder(text.Length);
        var before = 0;
        foreach (var rune in UnicodeForms.Of(text, NormalizationForm.FormKD).EnumerateRunes())
        {
            var lower = Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune)).Value;
            // й is no и with an accent, but a letter that other words have.
            if (IsDropped(rune.Value) && (rune.Value != Breve || before != ShortI))
            {
                continue;
            }

            Append(folded, rune, lower);
            before = lower;
        }

        return UnicodeForms.Of(folded.ToString(), NormalizationForm.FormC);
    }

    /// <summary>
    /// What each UTF-16 unit is folded to; <see cref="NoSingle"/> where that hangs on what stands beside it, or is more than one.
    /// </summary>
    private static char[] Singles()
    {
        var singles = new char[char.MaxValue + 1];
        for (var c = 0; c < singles.Length; c++)
        {
            singles[c] = Single((char)c);
        }

        return singles;
    }

    private static char Single(char c)
    {
        if (char.IsSurrogate(c) || c is (char)Breve or >= Dropped)
        {
            return NoSingle;
        }

        return FoldWhole(c.ToString()) switch
        {
            [] => Dropped,
            [var single] when !MayBeComposed(single) => single,
            _ => NoSingle,
        };
    }

    /// <summary>Whether it may become one with the letter before it: marks that stay, and the parts of Korean syllables.</summary>
    private static bool MayBeComposed(char c) =>
        char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
        || c is (>= '\u1100' and <= '\u11FF') or (>= '\uA960' and <= '\uA97F') or (>= '\uD7B0' and <= '\uD7FF');

    /// <summary>
    /// The folded text for an index of words: both parts of a word with a joint are words of their own, as where a space stands between
    /// them.
    /// </summary>
    internal static string FoldWords(string text)
    {
        var folded = Fold(text);
        return folded.Contains(Joint) ? WithJoints(folded, " ") : folded;
    }

    /// <summary>
    /// The same without joints where letters of the Arabic script don't stand around them: other scripts use the mark for looks only.
    /// </summary>
    internal static string WithJoints(string folded, string joint)
    {
        var result = new StringBuilder(folded.Length);
        for (var i = 0; i < folded.Length; i++)
        {
            if (folded[i] != Joint)
            {
                result.Append(folded[i]);
            }
            else if (i > 0 && i + 1 < folded.Length && IsArabicLetter(folded[i - 1]) && IsArabicLetter(folded[i + 1]))
            {
                result.Append(joint);
            }
        }

        return result.ToString();
    }

    /// <summary>Letters of the Arabic script are among these.</summary>
    internal const char FirstArabic = '\u0620',
        LastArabic = '\u08C9';

    internal static bool IsArabicLetter(char c) =>
        c is >= FirstArabic and <= LastArabic and (<= '\u06FF' or (>= '\u0750' and <= '\u077F') or >= '\u08A0') && char.IsLetter(c);

    private static void Append(StringBuilder folded, Rune rune, int lower)
    {
        if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber)
        {
            folded.Append((char)('0' + (int)Rune.GetNumericValue(rune)));
            return;
        }

        switch (lower)
        {
            case 0x064A or 0x0649:
                folded.Append('\u06CC');
                break; // yeh, alef maksura
            case 0x0643 or 0x06AA:
                folded.Append('\u06A9');
                break; // kaf
            case 0x0629 or 0x06C1 or 0x06C3 or 0x06BE or 0x06D5:
                folded.Append('\u0647');
                break; // teh marbuta and the forms of heh
            case 0x0671 or 0x0672 or 0x0673:
                folded.Append('\u0627');
                break; // alefs with marks that are part of the letter
            case 0x066A:
                folded.Append('%');
                break;
            case 0x066B:
                folded.Append('.');
                break;
            case 0x066C or 0x060C:
                folded.Append(',');
                break;
            case 0x061F:
                folded.Append('?');
                break;
            case 'ß':
                folded.Append("ss");
                break;
            case 'ı':
                folded.Append('i');
                break;
            case <= char.MaxValue:
                folded.Append((char)lower);
                break;
            default:
                folded.Append(new Rune(lower).ToString());
                break;
        }
    }

    /// <summary>
    /// Marks over and under letters of alphabets, and what nobody sees. Vowels of Indian and other scripts are marks too, but make other
    /// words.
    /// </summary>
    private static bool IsDropped(int rune) =>
        rune switch
        {
            0x00AD or 0x061C or 0x200B or 0x200D or 0x2060 or 0xFEFF => true, // soft hyphen, and marks without width
            (>= 0x200E and <= 0x200F) or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) => true, // direction
            (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF) => true, // variation selectors
            (>= 0x0300 and <= 0x036F) or (>= 0x0483 and <= 0x0489) or (>= 0x1AB0 and <= 0x1AFF) or (>= 0x1DC0 and <= 0x1DFF) => true,
            (>= 0x20D0 and <= 0x20FF) or (>= 0xFE20 and <= 0xFE2F) => true,
            (>= 0x0591 and <= 0x05BD) or 0x05BF or 0x05C1 or 0x05C2 or 0x05C4 or 0x05C5 or 0x05C7 => true, // Hebrew points
            0x0640 or 0x0670 or 0x0674 => true, // tatweel, small alef, high hamza
            // Arabic marks; hamza and madda above and below too
            (>= 0x0610 and <= 0x061A) or (>= 0x064B and <= 0x065F) or (>= 0x06D6 and <= 0x06DC) => true,
            (>= 0x06DF and <= 0x06E8) or (>= 0x06EA and <= 0x06ED) or (>= 0x08CA and <= 0x08FF and not 0x08E2) => true,
            _ => false,
        };
}
