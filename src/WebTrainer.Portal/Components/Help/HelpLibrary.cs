using System.Reflection;
using System.Text.RegularExpressions;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace WebTrainer.Portal.Components.Help;

/// <summary>A document of <c>docs/</c>, read at start.</summary>
public sealed record HelpDocument(string Name, string Title, IReadOnlyList<HelpSection> Sections);

/// <summary>The documents of <c>docs/</c>, as they were when the portal was built, in parts that pages lead to and people search.</summary>
public sealed partial class HelpLibrary(IReadOnlyList<HelpDocument> documents)
{
    public const string Guide = "guide";
    private const string Folder = "docs/";
    private const int MostFound = 20;

    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder()
        .DisableHtml()
        .UsePipeTables()
        .UseAutoIdentifiers(AutoIdentifierOptions.GitHub)
        .Build();

    private static readonly Lazy<HelpLibrary> s_shipped = new(Read);

    /// <summary>The documents of this build.</summary>
    public static HelpLibrary Shipped => s_shipped.Value;

    /// <summary>The guide first, then by title.</summary>
    public IReadOnlyList<HelpDocument> Documents { get; } = documents;

    private static HelpLibrary Read()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var names = assembly.GetManifestResourceNames().Where(n => n.StartsWith(Folder, StringComparison.Ordinal));
        return new([
            .. names
                .Select(n => Read(n[Folder.Length..^".md".Length], TextOf(assembly, n)))
                .OrderBy(d => d.Name != Guide)
                .ThenBy(d => d.Title, StringComparer.Ordinal),
        ]);
    }

    public HelpDocument? Find(string name) => Documents.FirstOrDefault(d => d.Name == name);

    /// <param name="topic">A part of the guide, or <c>document#part</c>.</param>
    public HelpSection? Section(string topic)
    {
        var (document, anchor) = topic.Split('#') is [var name, var part] ? (name, part) : (Guide, topic);
        return Find(document)?.Sections.FirstOrDefault(s => s.Anchor == anchor);
    }

    /// <summary>Parts in which all words are, best first.</summary>
    public IReadOnlyList<HelpSection> Search(string? question)
    {
        var words = HelpSection.Words(question);
        return words.Count == 0
            ? []
            :
            [
                .. Documents
                    .SelectMany(d => d.Sections)
                    .Select(s => (Section: s, Score: s.Score(words)))
                    .Where(s => s.Score > 0)
                    .OrderByDescending(s => s.Score)
                    .Take(MostFound)
                    .Select(s => s.Section),
            ];
    }

    /// <summary>A document from its Markdown.</summary>
    public static HelpDocument Read(string name, string markdown)
    {
        var document = Markdown.Parse(markdown, s_pipeline);
        foreach (var link in document.Descendants<LinkInline>().ToList())
        {
            Lead(link, name);
        }

        var sections = new List<HelpSection>();
        HeadingBlock? heading = null;
        var below = new List<Block>();
        foreach (var block in document.ToList())
        {
            if (block is not HeadingBlock next)
            {
                below.Add(block);
                continue;
            }

            Add(sections, name, heading, below);
            (heading, below) = (next, []);
        }

        Add(sections, name, heading, below);
        return new(name, sections.Count > 0 ? sections[0].Title : name, sections);
    }

    private static void Add(List<HelpSection> sections, string document, HeadingBlock? heading, List<Block> below)
    {
        if (heading is null)
        {
            return;
        }

        var html = string.Concat(below.Select(Html));
        sections.Add(new(document, heading.GetAttributes().Id ?? "", Plain(Html(heading)), html, Plain(html)));
    }

    private static string Html(Block block)
    {
        using var writer = new StringWriter();
        var renderer = new Markdig.Renderers.HtmlRenderer(writer);
        s_pipeline.Setup(renderer);
        renderer.Render(block);
        return writer.ToString();
    }

    private static string Plain(string html) => System.Net.WebUtility.HtmlDecode(Spaces().Replace(Tags().Replace(html, " "), " ")).Trim();

    // Links between documents stay in the portal; what lies outside of docs/ is named, not linked.
    private static void Lead(LinkInline link, string document)
    {
        var url = link.Url ?? "";
        if (link.IsImage || url.StartsWith("../", StringComparison.Ordinal))
        {
            link.ReplaceBy(new LiteralInline(string.Concat(link.Descendants<LiteralInline>().Select(l => l.Content.ToString()))));
        }
        else if (url.StartsWith('#'))
        {
            link.Url = $"/help/{document}{url}";
        }
        else if (DocumentLink().Match(url) is { Success: true } to)
        {
            link.Url = $"/help/{to.Groups["name"].Value}{to.Groups["part"].Value}";
        }
    }

    private static string TextOf(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("<[^>]*>", RegexOptions.NonBacktracking)]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+", RegexOptions.NonBacktracking)]
    private static partial Regex Spaces();

    [GeneratedRegex(@"^(?<name>[\w-]+)\.md(?<part>#.*)?$", RegexOptions.NonBacktracking)]
    private static partial Regex DocumentLink();
}
