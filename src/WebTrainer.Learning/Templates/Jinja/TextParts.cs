using System.Text;

namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>How Python cuts texts into parts and puts others in their place.</summary>
internal static class TextParts
{
    public static PythonList Split(string text, CallArguments arguments)
    {
        var (sign, most) = (arguments.Get(0, "sep"), arguments.Number(1, "maxsplit", -1));
        if (sign is null)
        {
            return Strings(SplitAtSpaces(text, most));
        }

        var parts = new List<string>();
        var (at, mark) = (0, Sign(sign));
        while (most < 0 || parts.Count < most)
        {
            var found = text.IndexOf(mark, at, StringComparison.Ordinal);
            if (found < 0)
            {
                break;
            }

            parts.Add(text[at..found]);
            at = found + mark.Length;
        }

        parts.Add(text[at..]);
        return Strings(parts);
    }

    public static PythonList SplitFromRight(string text, CallArguments arguments)
    {
        var (sign, most) = (arguments.Get(0, "sep"), arguments.Number(1, "maxsplit", -1));
        if (sign is null)
        {
            var turned = SplitAtSpaces(Turned(text), most).Select(Turned).Reverse();
            return Strings(turned);
        }

        var (parts, rest, mark) = (new List<string>(), text, Sign(sign));
        while (most < 0 || parts.Count < most)
        {
            var found = rest.LastIndexOf(mark, StringComparison.Ordinal);
            if (found < 0)
            {
                break;
            }

            parts.Add(rest[(found + mark.Length)..]);
            rest = rest[..found];
        }

        parts.Add(rest);
        parts.Reverse();
        return Strings(parts);
    }

    public static PythonList Lines(string text)
    {
        var (lines, from) = (new List<string>(), 0);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] is '\n' or '\r' or '\v' or '\f' or (>= '\u001C' and <= '\u001E') or '\u0085' or '\u2028' or '\u2029')
            {
                lines.Add(text[from..at]);
                at += text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? 1 : 0;
                from = at + 1;
            }
        }

        if (from < text.Length)
        {
            lines.Add(text[from..]);
        }

        return Strings(lines);
    }

    public static PythonList Partition(string text, string sign, int at) =>
        at < 0 ? Strings([text, "", ""], isTuple: true) : Strings([text[..at], sign, text[(at + sign.Length)..]], isTuple: true);

    public static PythonList PartitionFromRight(string text, string sign)
    {
        var at = text.LastIndexOf(sign, StringComparison.Ordinal);
        return at < 0 ? Strings(["", "", text], isTuple: true) : Partition(text, sign, at);
    }

    /// <param name="text">What is searched.</param>
    /// <param name="old">What is replaced; the empty text stands before each character and at the end.</param>
    /// <param name="replacement">What stands there instead.</param>
    /// <param name="most">How often, from the left; below 0 everywhere.</param>
    public static string Replace(string text, string old, string replacement, long most)
    {
        var (written, at, count) = (new StringBuilder(), 0, 0L);
        while (most < 0 || count < most)
        {
            // The empty text stands before each character and at the end.
            var found = old.Length == 0 ? at : text.IndexOf(old, at, StringComparison.Ordinal);
            if (found < 0 || found > text.Length)
            {
                break;
            }

            written.Append(text, at, found - at).Append(replacement);
            Budget.Check(written.Length);
            at = found + old.Length;
            count++;
            if (old.Length == 0)
            {
                if (at == text.Length)
                {
                    return written.ToString();
                }

                written.Append(text[at++]);
            }
        }

        return written.Append(text, at, text.Length - at).ToString();
    }

    private static List<string> SplitAtSpaces(string text, long most)
    {
        var (parts, rest) = (new List<string>(), PythonText.TrimStart(text));
        while (rest.Length > 0)
        {
            var end = rest.TakeWhile(sign => !PythonText.IsSpace(sign)).Count();
            if (most >= 0 && parts.Count == most)
            {
                parts.Add(PythonText.TrimEnd(rest));
                break;
            }

            parts.Add(rest[..end]);
            rest = PythonText.TrimStart(rest[end..]);
        }

        return parts;
    }

    private static string Sign(object? sign) =>
        sign is string { Length: > 0 } mark ? mark : throw new TemplateException("A text is split at a text that isn't empty.");

    private static string Turned(string text) => string.Concat(PythonText.Characters(text).Reverse());

    private static PythonList Strings(IEnumerable<string> parts, bool isTuple = false) => new([.. parts], isTuple);
}
