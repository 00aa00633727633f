using System.Globalization;
using System.Text;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>
/// A selection of whole words that moves and stretches by keys. It never ends inside what people see as one character (Unicode's grapheme
/// clusters, UAX 29): a letter keeps its vowel signs, points and accents.
/// </summary>
public static class WordSelection
{
    /// <param name="selected">What is selected now; the first word is next when null.</param>
    /// <param name="command">next-word, previous-word, longer or shorter.</param>
    /// <returns>Null where the text has no words.</returns>
    public static (int Start, int End)? Move(string text, (int Start, int End)? selected, string command)
    {
        var words = Words(text);
        if (words.Count == 0)
        {
            return null;
        }

        var first = selected is { } s ? words.FindIndex(w => w.End > s.Start) : -1;
        var last = selected is { } e ? words.FindLastIndex(w => w.Start < e.End) : -1;
        (first, last) = command switch
        {
            "next-word" => (last + 1, last + 1),
            "previous-word" => (first - 1, first - 1),
            "longer" => (first, last + 1),
            _ => (first, Math.Max(first, last - 1)),
        };
        (first, last) = (Math.Clamp(first, 0, words.Count - 1), Math.Clamp(last, 0, words.Count - 1));
        return (words[first].Start, words[last].End);
    }

    /// <summary>A selection within the text that cuts no character in two: one that begins or ends inside is widened.</summary>
    public static (int Start, int End) Snap(string text, int start, int end)
    {
        (start, end) = (Math.Clamp(start, 0, text.Length), Math.Clamp(end, 0, text.Length));
        var (from, to) = (start, end);
        foreach (var (at, next) in Characters(text))
        {
            if (at < start && start < next)
            {
                from = at;
            }

            if (at < end && end < next)
            {
                to = next;
            }
        }

        return (from, to);
    }

    private static List<(int Start, int End)> Words(string text)
    {
        var words = new List<(int, int)>();
        var characters = Characters(text).ToList();
        var start = -1;
        for (var i = 0; i < characters.Count; i++)
        {
            var (at, end) = characters[i];
            if (StandsAlone(text, at))
            {
                words.Add((at, end));
                continue;
            }

            if (!IsOfWord(text, at) && !(start >= 0 && Joins(text[at])))
            {
                continue;
            }

            start = start < 0 ? at : start;
            if (i + 1 < characters.Count && Continues(text, characters, i + 1))
            {
                continue;
            }

            words.Add((start, end));
            start = -1;
        }

        return words;
    }

    private static bool Continues(string text, List<(int At, int End)> characters, int next)
    {
        var at = characters[next].At;
        return !StandsAlone(text, at)
            && (
                IsOfWord(text, at)
                || Joins(text[at])
                    && next + 1 < characters.Count
                    && IsOfWord(text, characters[next + 1].At)
                    && !StandsAlone(text, characters[next + 1].At)
            );
    }

    private static IEnumerable<(int At, int End)> Characters(string text)
    {
        for (int at = 0, length; at < text.Length; at += length)
        {
            length = StringInfo.GetNextTextElementLength(text, at);
            yield return (at, at + length);
        }
    }

    private static bool IsOfWord(string text, int at) =>
        !Rune.TryGetRuneAt(text, at, out var rune)
        || Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.UppercaseLetter
                or UnicodeCategory.LowercaseLetter
                or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter
                or UnicodeCategory.OtherLetter
                or UnicodeCategory.NonSpacingMark
                or UnicodeCategory.SpacingCombiningMark
                or UnicodeCategory.EnclosingMark
                or UnicodeCategory.DecimalDigitNumber
                or UnicodeCategory.LetterNumber
                or UnicodeCategory.OtherNumber
                or UnicodeCategory.OtherSymbol
                or UnicodeCategory.ModifierSymbol;

    /// <summary>What holds two halves of a word together: apostrophes, hyphens, the Hebrew maqaf, geresh and gershayim.</summary>
    private static bool Joins(char sign) =>
        sign is '\'' or '\u2019' or '-' or '\u2010' or '\u2011' or '\u05be' or '\u05f3' or '\u05f4' or '_';

    /// <summary>
    /// Scripts written without spaces, where each character is a step: Thai, Lao, Burmese, Khmer, kana and Chinese characters.
    /// </summary>
    private static bool StandsAlone(string text, int at) =>
        Rune.TryGetRuneAt(text, at, out var rune)
        && rune.Value
            is (>= 0x0e00 and <= 0x0eff)
                or (>= 0x1000 and <= 0x109f)
                or (>= 0x1780 and <= 0x17ff)
                or (>= 0x3040 and <= 0x30ff)
                or (>= 0x3400 and <= 0x4dbf)
                or (>= 0x4e00 and <= 0x9fff)
                or (>= 0xf900 and <= 0xfaff)
                or (>= 0x20000 and <= 0x3ffff);
}
