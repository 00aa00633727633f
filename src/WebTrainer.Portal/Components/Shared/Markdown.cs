using Ganss.Xss;
using Markdig;
using Microsoft.AspNetCore.Components;

namespace WebTrainer.Portal.Components.Shared;

/// <summary>
/// Markdown that people wrote or models made, as markup that can do nothing: no HTML of its own, no images, links to the web only.
/// </summary>
public static class Markdown
{
    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder()
        .DisableHtml()
        .UsePipeTables()
        .UseAutoLinks()
        .Build();
    private static readonly HtmlSanitizer s_sanitizer = Sanitizer();

    public static MarkupString Render(string text) => new(s_sanitizer.Sanitize(Markdig.Markdown.ToHtml(text, s_pipeline)));

    /// <summary>A model's or dataset's card without the YAML that stands before it for programs.</summary>
    public static string WithoutFrontMatter(string card)
    {
        if (!card.StartsWith("---", StringComparison.Ordinal))
        {
            return card;
        }

        var end = card.IndexOf("\n---", 3, StringComparison.Ordinal);
        return end < 0 ? card : card[(end + 4)..].TrimStart('-').TrimStart();
    }

    private static HtmlSanitizer Sanitizer()
    {
        var sanitizer = new HtmlSanitizer();
        sanitizer.AllowedTags.Clear();
        foreach (
            var tag in (string[])
                [
                    "p",
                    "br",
                    "strong",
                    "em",
                    "del",
                    "code",
                    "pre",
                    "ul",
                    "ol",
                    "li",
                    "h1",
                    "h2",
                    "h3",
                    "h4",
                    "h5",
                    "h6",
                    "blockquote",
                    "hr",
                    "table",
                    "thead",
                    "tbody",
                    "tr",
                    "th",
                    "td",
                    "a",
                ]
        )
        {
            sanitizer.AllowedTags.Add(tag);
        }

        sanitizer.AllowedAttributes.Clear();
        sanitizer.AllowedAttributes.Add("href");
        sanitizer.AllowedSchemes.Clear();
        sanitizer.AllowedSchemes.Add("https");
        sanitizer.AllowedSchemes.Add("http");
        sanitizer.AllowedCssProperties.Clear();
        return sanitizer;
    }
}
