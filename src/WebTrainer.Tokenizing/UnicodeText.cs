using System.Globalization;
using System.Text;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>What the ecosystem's tokenizers understand by white space, control characters, punctuation and the like.</summary>
internal static class UnicodeText
{
    /// <summary>Half of a surrogate pair is no character; it becomes U+FFFD, as it would in a file.</summary>
    public static string Valid(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
            {
                return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            }
        }

        return text;
    }

    /// <summary>
    /// Control, format and private characters but for tab and line ends; those that no Unicode version has named are none.
    /// </summary>
    public static bool IsControl(Rune rune) =>
        rune.Value is not ('\t' or '\n' or '\r')
        && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse;

    /// <summary>BERT's punctuation: all of ASCII that is no letter, digit or space, and Unicode's categories P.</summary>
    public static bool IsPunctuation(Rune rune) =>
        rune.IsAscii
            ? rune.Value is (>= 33 and <= 47) or (>= 58 and <= 64) or (>= 91 and <= 96) or (>= 123 and <= 126)
            : Rune.IsPunctuation(rune);

    /// <summary>Chinese characters, between which nobody writes spaces. The last but two begins where the reference has it.</summary>
    public static bool IsChinese(Rune rune) =>
        rune.Value
            is (>= 0x4E00 and <= 0x9FFF)
                or (>= 0x3400 and <= 0x4DBF)
                or (>= 0x20000 and <= 0x2A6DF)
                or (>= 0x2A700 and <= 0x2B73F)
                or (>= 0x2B740 and <= 0x2B81F)
                or (>= 0x2B920 and <= 0x2CEAF)
                or (>= 0xF900 and <= 0xFAFF)
                or (>= 0x2F800 and <= 0x2FA1F);

    public static string Lower(string text)
    {
        // The one letter whose small form has two characters; .NET leaves it as it is.
        var small = text.ToLowerInvariant();
        return small.Replace("\u0130", "i\u0307", StringComparison.Ordinal);
    }

    /// <summary>As Unicode's normalisation; U+FFFE and its like, which .NET refuses, stay as they are.</summary>
    public static string Normalize(string text, NormalizationForm form)
    {
        if (!text.Contains('\uFFFE', StringComparison.Ordinal))
        {
            return text.Normalize(form);
        }

        return string.Join('\uFFFE', text.Split('\uFFFE').Select(part => part.Normalize(form)));
    }

    /// <summary>Letters and their marks apart, without the marks.</summary>
    public static string WithoutAccents(string text) =>
        Where(Normalize(text, NormalizationForm.FormD), rune => Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark);

    public static string Where(string text, Func<Rune, bool> keep)
    {
        var kept = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (keep(rune))
            {
                kept.Append(rune);
            }
        }

        return kept.ToString();
    }
}
