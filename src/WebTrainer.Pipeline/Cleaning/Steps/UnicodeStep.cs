using System.Text;
using System.Text.RegularExpressions;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Which of the digits of Latin, Arabic and Persian writing become which.</summary>
public enum DigitStyle
{
    /// <summary>As they are.</summary>
    Keep,

    /// <summary>0123456789</summary>
    Latin,

    /// <summary>۰۱۲۳۴۵۶۷۸۹</summary>
    Persian,
}

/// <summary>Writes letters that look the same with the same code points.</summary>
public sealed partial record UnicodeStep : CleanStep
{
    /// <summary>Also folds forms that differ in looks only: ﬁ to fi, ２ to 2 (NFKC instead of NFC).</summary>
    public bool Compatibility { get; init; }

    /// <summary>Arabic letters as Persian writes them: ي to ی, ك to ک.</summary>
    public bool PersianLetters { get; init; }

    /// <summary>How digits are written. Made Persian, those of words in Latin, Greek or Cyrillic stay: <c>B12</c>.</summary>
    public DigitStyle Digits { get; init; }

    /// <summary>
    /// Takes out marks that nobody sees: byte order marks, soft hyphens, zero-width spaces, direction overrides, control characters.
    /// </summary>
    public bool RemoveInvisible { get; init; } = true;

    /// <summary>Takes out zero-width joiners too. Persian needs the non-joiner inside words: می‌روم.</summary>
    public bool RemoveJoiners { get; init; }

    internal override StepWork Begin(CleanContext context) => new TextWork(Map);

    internal string Map(string text)
    {
        if (Ascii.IsValid(text) && !HasControls(text) && Digits != DigitStyle.Persian)
        {
            return text;
        }
        // Marks go first: one between a letter and its accent keeps them from being composed.
        text = Filter(text, Stays);
        return ChosenForms(UnicodeForms.Of(text, Compatibility ? NormalizationForm.FormKC : NormalizationForm.FormC));
    }

    private bool Stays(char c) => !(RemoveInvisible && IsInvisible(c)) && !(RemoveJoiners && (c is '\u200C' or '\u200D'));

    private static string Filter(string text, Func<char, bool> stays) => text.All(stays) ? text : string.Concat(text.Where(stays));

    private string ChosenForms(string text)
    {
        if (!PersianLetters && Digits == DigitStyle.Keep)
        {
            return text;
        }

        var result = text.ToCharArray();
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = MapDigit(PersianLetters ? MapLetter(text[i]) : text[i]);
        }

        if (Digits != DigitStyle.Persian)
        {
            return new string(result);
        }
        // HbA1c, B12 and user_7@example.org are names, of which the digits are a part.
        foreach (var word in Words().Matches(text).Where(w => w.ValueSpan.IndexOfAnyInRange('0', '9') >= 0 && w.Value.Any(char.IsLetter)))
        {
            word.Value.CopyTo(0, result, word.Index, word.Length);
        }

        return new string(result);
    }

    /// <summary>
    /// Words and numbers in Latin, Greek or Cyrillic, with what is set inside them: <c>ISO-8601</c>, <c>v2.0</c>, <c>example.org/a1</c>.
    /// </summary>
    [GeneratedRegex(
        @"[0-9_\p{L}\p{M}-[\u0590-\uFFFF]]+(?:[-.:/@+#&=?%~'’*\\][0-9_\p{L}\p{M}-[\u0590-\uFFFF]]+)*",
        RegexOptions.CultureInvariant,
        Finders.PatternFinder.TimeoutMilliseconds
    )]
    private static partial Regex Words();

    private static char MapLetter(char c) =>
        c switch
        {
            '\u064A' or '\u0649' => '\u06CC', // yeh, alef maksura
            '\u0643' => '\u06A9', // kaf
            '\u0629' => '\u0647', // teh marbuta
            _ => c,
        };

    private char MapDigit(char c)
    {
        if (Digits == DigitStyle.Keep)
        {
            return c;
        }

        var value = c switch
        {
            >= '0' and <= '9' => c - '0',
            >= '\u0660' and <= '\u0669' => c - '\u0660',
            >= '\u06F0' and <= '\u06F9' => c - '\u06F0',
            _ => -1,
        };
        return value < 0 ? c : (char)((Digits == DigitStyle.Latin ? '0' : '\u06F0') + value);
    }

    private static bool HasControls(string text) =>
        text.AsSpan().IndexOfAnyInRange('\u0000', '\u001F') >= 0 || text.Contains('\u007F', StringComparison.Ordinal);

    private static bool IsInvisible(char c) =>
        c switch
        {
            '\n' or '\r' or '\t' => false,
            < ' ' or (>= '\u007F' and <= '\u009F') => true,
            '\u00AD' or '\u200B' or '\u200E' or '\u200F' or '\u2060' or '\uFEFF' => true,
            (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') => true,
            _ => false,
        };
}
