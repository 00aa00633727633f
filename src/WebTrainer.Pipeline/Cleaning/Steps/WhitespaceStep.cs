using System.Text;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Takes out the remains of web pages and of typing: tags, entities, runs of spaces, empty lines.</summary>
public sealed record WhitespaceStep : CleanStep
{
    /// <summary>Takes out HTML tags, scripts and styles, and writes entities as their characters.</summary>
    public bool Html { get; init; } = true;

    /// <summary>Leaves the spaces at the beginning of lines, which mean something in code and lists.</summary>
    public bool KeepIndent { get; init; } = true;

    internal override StepWork Begin(CleanContext context) => new TextWork(Map);

    internal string Map(string text)
    {
        if (Html)
        {
            text = HtmlText.Of(text);
        }

        if (!NeedsWork(text))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        var empty = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var start = result.Length;
            AppendLine(result, line);
            empty = result.Length == start ? empty + 1 : 0;
            if (empty <= 1)
            {
                result.Append('\n');
            }
        }

        return result.ToString().Trim(' ', '\n', '\t');
    }

    private void AppendLine(StringBuilder result, ReadOnlySpan<char> line)
    {
        line = line.TrimEnd();
        var content = line.TrimStart();
        if (KeepIndent)
        {
            result.Append(line[..(line.Length - content.Length)]);
        }

        var space = false;
        foreach (var c in content)
        {
            var isSpace = c is '\t' or ' ' or '\u00A0' or '\u3000' or (>= '\u2000' and <= '\u200A');
            if (!isSpace)
            {
                result.Append(c);
            }
            else if (!space)
            {
                result.Append(' ');
            }

            space = isSpace;
        }
    }

    private static bool NeedsWork(string text)
    {
        if (text.Length > 0 && (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1])))
        {
            return true;
        }

        return text.AsSpan().IndexOfAny(s_suspect) >= 0
            || text.Contains("  ", StringComparison.Ordinal)
            || text.Contains(" \n", StringComparison.Ordinal)
            || text.Contains("\n\n\n", StringComparison.Ordinal);
    }

    private static readonly System.Buffers.SearchValues<char> s_suspect = System.Buffers.SearchValues.Create(
        "\t\r\f\u0085\u2028\u2029\u00A0\u3000\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A"
    );
}
