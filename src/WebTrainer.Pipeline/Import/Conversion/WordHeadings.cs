using System.Globalization;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>
/// Which paragraphs are headings: by the level in the outline that they or their styles have, whatever a style is called in the language of
/// its program.
/// </summary>
internal sealed class WordHeadings
{
    private const int BodyText = 9,
        MostAncestors = 20;
    private readonly Dictionary<string, OpenXmlElement> _styles;

    public WordHeadings(MainDocumentPart main) =>
        _styles = (main.StyleDefinitionsPart?.Styles?.ChildElements ?? Enumerable.Empty<OpenXmlElement>())
            .Where(style => style.LocalName == "style" && WordLine.Attribute(style, "styleId") is not null)
            .GroupBy(style => WordLine.Attribute(style, "styleId")!)
            .ToDictionary(group => group.Key, group => group.First());

    public bool IsHeading(OpenXmlElement paragraph)
    {
        var style = Value(Child(paragraph, "pPr"), "pStyle");
        if (Level(paragraph) is { } own)
        {
            return own < BodyText;
        }

        for (var i = 0; i < MostAncestors && style is not null; i++)
        {
            if (IsTitle(style))
            {
                return true;
            }

            if (!_styles.TryGetValue(style, out var known))
            {
                return false;
            }

            if (Level(known) is { } level)
            {
                return level < BodyText;
            }

            if (IsTitle(Value(known, "name") ?? ""))
            {
                return true;
            }

            style = Value(known, "basedOn");
        }

        return false;
    }

    /// <summary>Documents without their styles still name them as the program does in English.</summary>
    private static bool IsTitle(string name) =>
        name.StartsWith("heading", StringComparison.OrdinalIgnoreCase) || name.Equals("title", StringComparison.OrdinalIgnoreCase);

    private static int? Level(OpenXmlElement element) =>
        int.TryParse(Value(Child(element, "pPr"), "outlineLvl"), CultureInfo.InvariantCulture, out var level) ? level : null;

    private static OpenXmlElement? Child(OpenXmlElement? element, string name) =>
        element?.ChildElements.FirstOrDefault(child => child.LocalName == name);

    private static string? Value(OpenXmlElement? element, string name) =>
        Child(element, name) is { } child ? WordLine.Attribute(child, "val") : null;
}
