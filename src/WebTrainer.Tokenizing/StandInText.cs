using System.Globalization;
using System.Text;

namespace WebTrainer.Tokenizing;

/// <summary>
/// A text in which each character beyond the basic plane is replaced by one of its kind within it, for patterns that can see only those: a
/// letter by a letter, a digit by a digit. The stand-ins are of scripts that no tokenizer's pattern names.
/// </summary>
/// <param name="places">Where each character of the text with stand-ins begins in the original, and the original's end.</param>
internal sealed class StandInText(string text, int[] places)
{
    public string Text => text;

    /// <returns>Null where halves of pairs stand alone, which no pattern can be asked about.</returns>
    public static StandInText? Of(string original)
    {
        var (text, places, at) = (new StringBuilder(original.Length), new List<int>(original.Length + 1), 0);
        while (at < original.Length)
        {
            if (!Rune.TryGetRuneAt(original, at, out var rune))
            {
                return null;
            }

            places.Add(at);
            text.Append(rune.IsBmp ? original[at] : For(Rune.GetUnicodeCategory(rune)));
            at += rune.Utf16SequenceLength;
        }

        places.Add(at);
        return new(text.ToString(), [.. places]);
    }

    /// <summary>Matches in the text with stand-ins as places in the original.</summary>
    public List<(int Index, int Length)> InText(List<(int Index, int Length)> matches) =>
        matches.ConvertAll(match => (places[match.Index], places[match.Index + match.Length] - places[match.Index]));

    private static char For(UnicodeCategory category) =>
        category switch
        {
            UnicodeCategory.UppercaseLetter => '\u10A0', // Georgian
            UnicodeCategory.LowercaseLetter => '\u13F8', // Cherokee
            UnicodeCategory.TitlecaseLetter => '\u1F88',
            UnicodeCategory.ModifierLetter => '\uA4F8', // Lisu
            UnicodeCategory.OtherLetter => '\uA500', // Vai
            UnicodeCategory.NonSpacingMark => '\u1CD0', // Vedic
            UnicodeCategory.SpacingCombiningMark => '\u1CE1',
            UnicodeCategory.EnclosingMark => '\u0488',
            UnicodeCategory.DecimalDigitNumber => '\u1810', // Mongolian
            UnicodeCategory.LetterNumber => '\uA6E6', // Bamum
            UnicodeCategory.OtherNumber => '\u09F4', // Bengali
            UnicodeCategory.ConnectorPunctuation => '\u203F',
            UnicodeCategory.DashPunctuation => '\u1806',
            UnicodeCategory.OpenPunctuation => '\u0F3A',
            UnicodeCategory.ClosePunctuation => '\u0F3B',
            UnicodeCategory.OtherPunctuation => '\u1800',
            UnicodeCategory.MathSymbol => '\u2A00',
            UnicodeCategory.CurrencySymbol => '\u20B0',
            UnicodeCategory.ModifierSymbol => '\uA700',
            UnicodeCategory.OtherSymbol => '\u2800', // Braille
            UnicodeCategory.Format => '\u2061',
            UnicodeCategory.PrivateUse => '\uE000',
            _ => '\u0378', // no character
        };
}
