using System.Buffers;
using System.Globalization;
using System.Text;

namespace WebTrainer.Pipeline.Rows;

/// <summary>A word, a phrase, or the beginning of a word that rows must hold.</summary>
/// <param name="Text">As typed, without its quotes and star.</param>
/// <param name="IsPrefix">Whether the last word may go on.</param>
public sealed record WordTerm(string Text, bool IsPrefix);

/// <summary>What somebody looks for: <c>card "not arrived" deliv*</c>. A row must hold all of it, in any part.</summary>
public sealed record WordQuery(IReadOnlyList<WordTerm> Terms)
{
    public const int MaxLength = 500;

    private static readonly SearchValues<char> s_closing = SearchValues.Create("\"“”»");
    private static readonly SearchValues<char> s_afterWord = SearchValues.Create(" \t\r\n\"“”«");

    /// <summary>Reads what was typed; anything can be typed. A quote that isn't closed ends with the text.</summary>
    /// <returns>Null where it holds no letter or digit.</returns>
    public static WordQuery? Parse(string? typed)
    {
        var text = typed is { Length: > MaxLength } ? typed[..MaxLength] : typed ?? "";
        var terms = new List<WordTerm>();
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }

            var quoted = text[i] is '"' or '“' or '”' or '«';
            var end = quoted ? text.AsSpan(i + 1).IndexOfAny(s_closing) : text.AsSpan(i).IndexOfAny(s_afterWord);
            var start = quoted ? i + 1 : i;
            end = end < 0 ? text.Length : start + end;
            var next = quoted && end < text.Length ? end + 1 : end;
            var star = quoted ? next < text.Length && text[next] == '*' : end > start && text[end - 1] == '*';
            var said = text[start..end].Trim('*', ' ');
            if (said.Any(char.IsLetterOrDigit)) terms.Add(new WordTerm(said, star));
            i = Math.Max(next + (quoted && star ? 1 : 0), i + 1);
        }

        return terms.Count == 0 ? null : new WordQuery(terms);
    }

    /// <summary>Whether an index of words set apart by spaces can answer it: Chinese, Japanese, Thai and the like write none.</summary>
    public bool IsOfWords => !Terms.Any(t => t.Text.EnumerateRunes().Any(WritesNoSpaces));

    /// <summary>The query in the language of SQLite's FTS5, in which every character of a quoted string is text.</summary>
    internal string ToFts5() => string.Join(
        " AND ", Terms.Select(t => $"\"{Fold(t.Text).Replace("\"", "\"\"", StringComparison.Ordinal)}\"{(t.IsPrefix ? " *" : "")}"));

    /// <summary>Writes letters the same that Persian and Arabic keyboards write differently, and drops vowel marks, so that either finds both.</summary>
    internal static string Fold(string text)
    {
        if (Ascii.IsValid(text)) return text;
        var folded = new StringBuilder(text.Length);
        foreach (var c in text.Normalize(NormalizationForm.FormKC))
        {
            switch (c)
            {
                case '\u064A' or '\u0649': folded.Append('\u06CC'); break; // yeh
                case '\u0643': folded.Append('\u06A9'); break; // kaf
                case '\u0640' or '\u0670' or (>= '\u064B' and <= '\u065F'): break; // tatweel, vowel marks
                case >= '\u0660' and <= '\u0669': folded.Append((char)(c - '\u0660' + '0')); break;
                case >= '\u06F0' and <= '\u06F9': folded.Append((char)(c - '\u06F0' + '0')); break;
                default: folded.Append(c); break;
            }
        }

        return folded.ToString();
    }

    private static bool WritesNoSpaces(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.OtherLetter && rune.Value switch
    {
        >= 0x0E00 and <= 0x0EFF => true, // Thai, Lao
        >= 0x1000 and <= 0x109F or (>= 0x1780 and <= 0x17FF) => true, // Burmese, Khmer
        >= 0x2E80 and <= 0x9FFF or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF) => true, // Chinese, Japanese
        _ => false,
    };
}
