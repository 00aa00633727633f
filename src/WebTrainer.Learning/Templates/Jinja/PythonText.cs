using System.Globalization;
using System.Text;

namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>Texts as Python has them: of whole characters, with its own white space.</summary>
internal static class PythonText
{
    /// <summary>Python takes the separators of files, groups, records and units for white space too.</summary>
    public static bool IsSpace(char character) => char.IsWhiteSpace(character) || character is >= '\u001C' and <= '\u001F';

    public static string TrimEnd(string text)
    {
        var end = text.Length;
        while (end > 0 && IsSpace(text[end - 1]))
        {
            end--;
        }

        return text[..end];
    }

    public static string TrimStart(string text)
    {
        var from = 0;
        while (from < text.Length && IsSpace(text[from]))
        {
            from++;
        }

        return text[from..];
    }

    /// <param name="text">What is shortened.</param>
    /// <param name="signs">Characters that go; white space where it is null.</param>
    /// <param name="left">At the begin.</param>
    /// <param name="right">At the end.</param>
    public static string Strip(string text, string? signs, bool left, bool right)
    {
        if (signs is null)
        {
            text = left ? TrimStart(text) : text;
            return right ? TrimEnd(text) : text;
        }

        var (gone, characters) = (Characters(signs).ToHashSet(StringComparer.Ordinal), Characters(text));
        var (from, to) = (0, characters.Count);
        while (left && from < to && gone.Contains(characters[from]))
        {
            from++;
        }

        while (right && to > from && gone.Contains(characters[to - 1]))
        {
            to--;
        }

        return string.Concat(characters.Skip(from).Take(to - from));
    }

    public static bool IsPlain(string text)
    {
        foreach (var character in text)
        {
            if (char.IsSurrogate(character))
            {
                return false;
            }
        }

        return true;
    }

    public static int Length(string text) => IsPlain(text) ? text.Length : Characters(text).Count;

    /// <summary>Whole characters; half of a pair is one for itself.</summary>
    public static IReadOnlyList<string> Characters(string text)
    {
        var characters = new List<string>(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            var isPair = at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]);
            characters.Add(text.Substring(at, isPair ? 2 : 1));
            at += isPair ? 1 : 0;
        }

        return characters;
    }

    /// <summary>By the numbers of characters.</summary>
    public static int Compare(string left, string right)
    {
        if (IsPlain(left) && IsPlain(right))
        {
            return string.CompareOrdinal(left, right);
        }

        var (first, second) = (left.EnumerateRunes().ToList(), right.EnumerateRunes().ToList());
        var at = first.Zip(second).TakeWhile(pair => pair.First == pair.Second).Count();
        return at < first.Count && at < second.Count ? first[at].CompareTo(second[at]) : first.Count.CompareTo(second.Count);
    }

    /// <summary>As <c>repr()</c>: in single quotes, or in double ones where only single ones are within.</summary>
    public static string Quoted(string text)
    {
        var quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        var quoted = new StringBuilder().Append(quote);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\\' => quoted.Append(@"\\"),
                '\n' => quoted.Append(@"\n"),
                '\r' => quoted.Append(@"\r"),
                '\t' => quoted.Append(@"\t"),
                var value when value == quote => quoted.Append('\\').Append(quote),
                var value when IsPrintable(rune) => quoted.Append(rune.ToString()),
                <= 0xFF => quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                <= 0xFFFF => quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
            };
        }

        return quoted.Append(quote).ToString();
    }

    /// <summary>Each word's first letter large, all others small; a word is what letters stand side by side in.</summary>
    public static string Title(string text)
    {
        var (title, inWord) = (new StringBuilder(text.Length), false);
        foreach (var rune in text.EnumerateRunes())
        {
            title.Append((inWord ? Rune.ToLowerInvariant(rune) : Rune.ToUpperInvariant(rune)).ToString());
            inWord = Rune.IsLetter(rune);
        }

        return title.ToString();
    }

    public static string Capitalize(string text) =>
        Characters(text) is { Count: > 0 } characters ? Upper(characters[0]) + Lower(string.Concat(characters.Skip(1))) : "";

    /// <summary>ß has two large letters; .NET leaves it as it is.</summary>
    public static string Upper(string text) => text.ToUpperInvariant().Replace("ß", "SS", StringComparison.Ordinal);

    public static string Lower(string text) => text.ToLowerInvariant().Replace("\u0130", "i\u0307", StringComparison.Ordinal);

    /// <summary>All but other scripts' private, unassigned and control characters and spaces that are not the usual one.</summary>
    private static bool IsPrintable(Rune rune) =>
        rune.Value == ' '
        || Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.SpaceSeparator
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            );
}
