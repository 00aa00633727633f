using System.Text;

namespace WebTrainer.Pipeline.Cleaning.Steps;

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
public sealed record UnicodeStep : CleanStep
{
    /// <summary>Also folds forms that differ in looks only: ﬁ to fi, ２ to 2 (NFKC instead of NFC).</summary>
    public bool Compatibility { get; init; }

    /// <summary>Arabic letters as Persian writes them: ي to ی, ك to ک.</summary>
    public bool PersianLetters { get; init; }

    public DigitStyle Digits { get; init; }

    /// <summary>Takes out marks that nobody sees: byte order marks, soft hyphens, zero-width spaces, direction overrides, control characters.</summary>
    public bool RemoveInvisible { get; init; } = true;

    /// <summary>Takes out zero-width joiners too. Persian needs the non-joiner inside words: می‌روم.</summary>
    public bool RemoveJoiners { get; init; }

    internal override StepWork Begin(CleanContext context) => new TextWork(Map);

    internal string Map(string text)
    {
        if (Ascii.IsValid(text) && !HasControls(text) && Digits != DigitStyle.Persian) return text;
        // Marks go first: one between a letter and its accent keeps them from being composed.
        text = Filter(text, Stays);
        var form = Compatibility ? NormalizationForm.FormKC : NormalizationForm.FormC;
        if (!text.IsNormalized(form)) text = text.Normalize(form);
        return ChosenForms(text);
    }

    private bool Stays(char c) => !(RemoveInvisible && IsInvisible(c)) && !(RemoveJoiners && (c is '\u200C' or '\u200D'));

    private static string Filter(string text, Func<char, bool> stays) => text.All(stays) ? text : string.Concat(text.Where(stays));

    private string ChosenForms(string text) => PersianLetters || Digits != DigitStyle.Keep
        ? string.Create(text.Length, (this, text), static (result, from) =>
        {
            var (step, text) = from;
            for (var i = 0; i < result.Length; i++) result[i] = step.MapDigit(step.PersianLetters ? MapLetter(text[i]) : text[i]);
        })
        : text;

    private static char MapLetter(char c) => c switch
    {
        '\u064A' or '\u0649' => '\u06CC', // yeh, alef maksura
        '\u0643' => '\u06A9', // kaf
        '\u0629' => '\u0647', // teh marbuta
        _ => c,
    };

    private char MapDigit(char c)
    {
        if (Digits == DigitStyle.Keep) return c;
        var value = c switch
        {
            >= '0' and <= '9' => c - '0',
            >= '\u0660' and <= '\u0669' => c - '\u0660',
            >= '\u06F0' and <= '\u06F9' => c - '\u06F0',
            _ => -1,
        };
        return value < 0 ? c : (char)((Digits == DigitStyle.Latin ? '0' : '\u06F0') + value);
    }

    private static bool HasControls(string text) => text.AsSpan().IndexOfAnyInRange('\u0000', '\u001F') >= 0 || text.Contains('\u007F', StringComparison.Ordinal);

    private static bool IsInvisible(char c) => c switch
    {
        '\n' or '\r' or '\t' => false,
        < ' ' or (>= '\u007F' and <= '\u009F') => true,
        '\u00AD' or '\u200B' or '\u200E' or '\u200F' or '\u2060' or '\uFEFF' => true,
        (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') => true,
        _ => false,
    };
}
