using System.Net;
using System.Text;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>The text of a piece of HTML. What only looks like a tag, as <c>a &lt; b</c> or <c>List&lt;int&gt;</c>, stays.</summary>
internal static class HtmlText
{
    private static readonly HashSet<string> s_inline =
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "button",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "iframe",
        "img",
        "input",
        "ins",
        "kbd",
        "label",
        "link",
        "mark",
        "meta",
        "picture",
        "q",
        "s",
        "samp",
        "select",
        "small",
        "source",
        "span",
        "strong",
        "sub",
        "sup",
        "svg",
        "path",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
        "video",
        "audio",
        "center",
        "nobr",
        "strike",
    ];

    private static readonly HashSet<string> s_block =
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
        "noscript",
        "template",
    ];

    /// <summary>Elements whose content is no text.</summary>
    private static readonly string[] s_hidden = ["script", "style"];

    public static string Of(string html)
    {
        if (!html.Contains('<', StringComparison.Ordinal))
        {
            return Decode(html);
        }

        var text = new StringBuilder(html.Length);
        var from = 0;
        for (var open = html.IndexOf('<', StringComparison.Ordinal); open >= 0; open = html.IndexOf('<', from))
        {
            text.Append(html, from, open - from);
            from = Skip(html, open, text);
        }

        return Decode(text.Append(html, from, html.Length - from).ToString());
    }

    /// <returns>Where the text goes on after what begins at <paramref name="open"/>.</returns>
    private static int Skip(string html, int open, StringBuilder text)
    {
        if (string.CompareOrdinal(html, open, "<!--", 0, 4) == 0)
        {
            var end = html.IndexOf("-->", open, StringComparison.Ordinal);
            return end < 0 ? html.Length : end + 3;
        }

        var name = NameAt(html, open);
        var close = name is null ? -1 : html.IndexOf('>', open);
        if (close < 0)
        {
            text.Append('<');
            return open + 1;
        }

        if (s_block.Contains(name!))
        {
            text.Append('\n');
        }

        if (html[open + 1] == '/' || !s_hidden.Contains(name))
        {
            return close + 1;
        }

        var hiddenEnd = html.IndexOf("</" + name, close, StringComparison.OrdinalIgnoreCase);
        return hiddenEnd < 0 ? html.Length : hiddenEnd;
    }

    /// <returns>The name of the tag that begins here; null where none does.</returns>
    private static string? NameAt(string html, int open)
    {
        var start = open + 1;
        if (start < html.Length && html[start] is '/' or '!')
        {
            start++;
        }

        var end = start;
        while (end < html.Length && char.IsAsciiLetterOrDigit(html[end]))
        {
            end++;
        }

        if (end == start || end == html.Length || html[end] is not ('>' or '/' or ' ' or '\t' or '\n' or '\r'))
        {
            return null;
        }

        var name = html[start..end].ToLowerInvariant();
        return name == "doctype" || s_inline.Contains(name) || s_block.Contains(name) || s_hidden.Contains(name) ? name : null;
    }

    private static string Decode(string text) => text.Contains('&', StringComparison.Ordinal) ? WebUtility.HtmlDecode(text) : text;
}
