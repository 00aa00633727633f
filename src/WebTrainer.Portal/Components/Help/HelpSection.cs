using System.Text.RegularExpressions;

namespace WebTrainer.Portal.Components.Help;

/// <summary>A heading of a document with what stands below it, up to the next heading.</summary>
/// <param name="Document">The document's name, as in its address: <c>training</c>.</param>
/// <param name="Anchor">Of the heading within its document, as in links: <c>learned-turns</c>.</param>
/// <param name="Html">Rendered from Markdown without raw HTML, its heading left out.</param>
/// <param name="Text">The words alone, for searching.</param>
public sealed partial record HelpSection(string Document, string Anchor, string Title, string Html, string Text)
{
    private const int ShownCharacters = 180;

    public string Address => $"/help/{Document}#{Anchor}";

    /// <summary>How well it answers: all words must be in it; those in the heading count more. 0: not at all.</summary>
    public int Score(IReadOnlyList<string> words) =>
        words.All(Has) ? words.Sum(w => Title.Contains(w, StringComparison.OrdinalIgnoreCase) ? 10 : 1) : 0;

    /// <summary>The text around the first of the words.</summary>
    public string Around(IReadOnlyList<string> words)
    {
        var at = words.Select(w => Text.IndexOf(w, StringComparison.OrdinalIgnoreCase)).Where(i => i >= 0).DefaultIfEmpty(0).Min();
        var from = Text.LastIndexOf(' ', Math.Max(0, at - ShownCharacters / 3)) + 1;
        var length = Math.Min(ShownCharacters, Text.Length - from);
        return (from > 0 ? "… " : "") + Text[from..(from + length)] + (from + length < Text.Length ? " …" : "");
    }

    private bool Has(string word) =>
        Title.Contains(word, StringComparison.OrdinalIgnoreCase) || Text.Contains(word, StringComparison.OrdinalIgnoreCase);

    /// <summary>The words of a question.</summary>
    public static IReadOnlyList<string> Words(string? question) => [.. Separators().Split(question ?? "").Where(w => w.Length > 0)];

    [GeneratedRegex(@"[\s,;?!""]+", RegexOptions.NonBacktracking)]
    private static partial Regex Separators();
}
