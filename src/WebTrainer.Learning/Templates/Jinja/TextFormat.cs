using System.Globalization;
using System.Text;

namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>Python's two ways to put values into a text; what of them templates don't use is refused.</summary>
internal static class TextFormat
{
    private const int WidestField = 10_000;

    /// <summary><c>"{} {0} {name}".format(…)</c>, without formats of fields.</summary>
    public static string Braces(string text, CallArguments arguments)
    {
        var (written, next) = (new StringBuilder(), 0);
        for (var at = 0; at < text.Length; at++)
        {
            var sign = text[at];
            if (sign is '{' or '}' && at + 1 < text.Length && text[at + 1] == sign)
            {
                written.Append(sign);
                at++;
            }
            else if (sign == '{')
            {
                var end = text.IndexOf('}', at);
                var field = end < 0 ? throw Refused(text) : text[(at + 1)..end];
                written.Append(Python.Text(Field(field, arguments, ref next, text)));
                at = end;
            }
            else
            {
                written.Append(sign == '}' ? throw Refused(text) : sign);
            }

            Budget.Check(written.Length);
        }

        return written.ToString();
    }

    /// <summary><c>"%s %d" % …</c>.</summary>
    public static string Percent(string text, object? values)
    {
        var (written, next) = (new StringBuilder(), 0);
        IReadOnlyList<object?> items = values is PythonList { IsTuple: true } tuple ? tuple.Items : [values];
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '%')
            {
                written.Append(text[at]);
                continue;
            }

            var end = at + 1;
            while (end < text.Length && "-+ 0#.123456789".Contains(text[end], StringComparison.Ordinal))
            {
                end++;
            }

            if (end == text.Length)
            {
                throw Refused(text);
            }

            var value =
                text[end] == '%' ? null
                : next < items.Count ? items[next++]
                : throw new TemplateException("A format has more fields than values.");
            written.Append(text[end] == '%' ? "%" : Formatted(value, text[(at + 1)..end], text[end], text));
            Budget.Check(written.Length);
            at = end;
        }

        return next == items.Count || values is PythonMap
            ? written.ToString()
            : throw new TemplateException("A format has fewer fields than values.");
    }

    private static object? Field(string field, CallArguments arguments, ref int next, string text)
    {
        if (field.AsSpan().IndexOfAny(":!.[{") >= 0)
        {
            throw Refused(text);
        }

        if (field.Length == 0 || int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            var place = field.Length == 0 ? next++ : int.Parse(field, CultureInfo.InvariantCulture);
            return place < arguments.Placed.Count
                ? arguments.Placed[place]
                : throw new TemplateException("A format has more fields than values.");
        }

        return arguments.Named.TryGetValue(field, out var value) ? value : throw new TemplateException($"A format has no value '{field}'.");
    }

    private static string Formatted(object? value, string flags, char kind, string text)
    {
        var parts = flags.TrimStart('-', '+', ' ', '0', '#').Split('.');
        var width = parts[0].Length > 0 ? int.Parse(parts[0], CultureInfo.InvariantCulture) : 0;
        int? precision =
            parts.Length > 1
                ? parts[1].Length > 0
                    ? int.Parse(parts[1], CultureInfo.InvariantCulture)
                    : 0
                : null;
        if (width > WidestField || precision > WidestField)
        {
            throw Refused(text);
        }

        var written = kind switch
        {
            's' => Cut(Python.Text(value), precision),
            'r' => Cut(Python.Written(value), precision),
            'd' or 'i' => Python.Written(
                Python.Shortest(value is double number ? new System.Numerics.BigInteger(number) : Python.Whole(value))
            ),
            'f' => Python
                .Float(value)
                .ToString("F" + (precision ?? 6).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            'x' => Python.Integer(value, "A number").ToString("x", CultureInfo.InvariantCulture),
            _ => throw Refused(text),
        };
        var lead = flags[..(flags.Length - flags.TrimStart('-', '+', ' ', '0', '#').Length)];
        written =
            lead.Contains('+', StringComparison.Ordinal) && kind is 'd' or 'i' or 'f' && !written.StartsWith('-') ? "+" + written : written;
        return lead.Contains('-', StringComparison.Ordinal) ? written.PadRight(width)
            : lead.Contains('0', StringComparison.Ordinal) && kind is not ('s' or 'r')
                ? written.StartsWith('-') ? "-" + written[1..].PadLeft(width - 1, '0')
                    : written.PadLeft(width, '0')
            : written.PadLeft(width);
    }

    private static string Cut(string text, int? length) =>
        length is { } most && PythonText.Length(text) > most ? string.Concat(PythonText.Characters(text).Take(most)) : text;

    private static TemplateException Refused(string text) => new($"The format '{text}' is not known here.");
}
