using System.Text.RegularExpressions;
using WebTrainer.Portal.Components.Help;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Components;

/// <summary>The documents inside the portal: each page's part is there, links lead on, words are found.</summary>
public sealed partial class HelpTests
{
    [Fact]
    public void EachPage_OpensAPartOfTheGuideThatIsThere()
    {
        var pages = Directory
            .EnumerateFiles(Path.Combine(Sources.Root, "src/WebTrainer.Portal/Features"), "*.razor", SearchOption.AllDirectories)
            .SelectMany(file =>
                Topic().Matches(File.ReadAllText(file)).Select(m => (File: Path.GetFileName(file), Topic: m.Groups["topic"].Value))
            )
            .ToList();
        Assert.True(pages.Count > 35);
        Assert.All(pages, page => Assert.True(HelpLibrary.Shipped.Section(page.Topic) is not null, $"{page.File}: {page.Topic}"));
    }

    [Fact]
    public void EachLinkBetweenDocuments_LeadsToADocumentAndAPartThatAreThere()
    {
        var links = HelpLibrary
            .Shipped.Documents.SelectMany(d => d.Sections)
            .SelectMany(s => Link().Matches(s.Html).Select(m => (From: s.Address, To: m.Groups["to"].Value)))
            .ToList();
        Assert.NotEmpty(links);
        Assert.All(
            links,
            link =>
            {
                var parts = link.To.Split('#');
                var document = HelpLibrary.Shipped.Find(parts[0]);
                Assert.True(document is not null, $"{link.From} → {link.To}");
                Assert.True(parts.Length == 1 || document.Sections.Any(s => s.Anchor == parts[1]), $"{link.From} → {link.To}");
            }
        );
    }

    [Fact]
    public void Search_AllWordsMustBeThere_HeadingsComeFirst()
    {
        var library = new HelpLibrary([
            HelpLibrary.Read("a", "# First\n\nA word on leaks and tests.\n\n## Leaks\n\nRows of the test split.\n"),
        ]);
        Assert.Equal(["leaks", "first"], library.Search("LEAKS test").Select(s => s.Anchor));
        Assert.Empty(library.Search("leaks unicorn"));
        Assert.Empty(library.Search("  "));
    }

    [Fact]
    public void Document_RawHtmlInIt_IsShownAsText()
    {
        var document = HelpLibrary.Read("a", "# T\n\n<script>alert(1)</script> and `code`\n");
        Assert.DoesNotContain("<script", document.Sections[0].Html, StringComparison.Ordinal);
        Assert.Contains("<code>code</code>", document.Sections[0].Html, StringComparison.Ordinal);
    }

    [GeneratedRegex("<PageHead Help=\"(?<topic>[^\"]+)\"", RegexOptions.NonBacktracking)]
    private static partial Regex Topic();

    [GeneratedRegex("href=\"/help/(?<to>[^\"]+)\"", RegexOptions.NonBacktracking)]
    private static partial Regex Link();
}
