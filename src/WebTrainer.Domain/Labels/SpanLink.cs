using System.Text.Json;

namespace WebTrainer.Domain.Labels;

/// <summary>One marked stretch that leads to another: who did it, what a dose belongs to.</summary>
/// <param name="From">Where it begins; one of the marks of the same sheet.</param>
/// <param name="To">Where it leads; another one of them.</param>
/// <param name="Label">One of the question's options.</param>
public sealed record SpanLink(SpanMark From, SpanMark To, string Label);

/// <content>Answers that link marks.</content>
public sealed partial record Question
{
    /// <summary>Links in one answer.</summary>
    public const int MaxLinks = 1000;

    private string AcceptLinks(string value)
    {
        var links = Parse<SpanLink[]>(value);
        if (links.Length > MaxLinks)
        {
            throw Refuse($"make at most {MaxLinks} links");
        }

        foreach (var link in links)
        {
            if (link?.From is null || link.To is null || link.From == link.To)
            {
                throw Refuse("a link leads from one mark to another");
            }

            if (!Options.Contains(link.Label))
            {
                throw Refuse($"'{link.Label}' is none of its labels");
            }
        }

        return JsonSerializer.Serialize(
            links
                .Distinct()
                .OrderBy(link => link.From.Start)
                .ThenBy(link => link.From.End)
                .ThenBy(link => link.From.Label, StringComparer.Ordinal)
                .ThenBy(link => link.To.Start)
                .ThenBy(link => link.To.End)
                .ThenBy(link => link.To.Label, StringComparer.Ordinal)
                .ThenBy(link => link.Label, StringComparer.Ordinal),
            s_json
        );
    }
}
