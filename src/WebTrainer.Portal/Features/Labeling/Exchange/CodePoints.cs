using WebTrainer.Domain.Labels;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>
/// Places in a text as files have them: counted by characters of Unicode, as Python does, and not by the units of UTF-16 that are stored
/// here.
/// </summary>
public static class CodePoints
{
    public static SpanMark Written(SpanMark mark, string text) =>
        mark with
        {
            Start = Before(text, mark.Start),
            End = Before(text, mark.End),
        };

    /// <summary>The mark as it is stored; one that lies outside the text stays outside.</summary>
    public static SpanMark Read(SpanMark mark, string text) => mark with { Start = Unit(text, mark.Start), End = Unit(text, mark.End) };

    /// <summary>A link with both ends as files have them.</summary>
    public static SpanLink Written(SpanLink link, string text) =>
        link with
        {
            From = Written(link.From, text),
            To = Written(link.To, text),
        };

    /// <summary>A link with both ends as they are stored.</summary>
    public static SpanLink Read(SpanLink link, string text) => link with { From = Read(link.From, text), To = Read(link.To, text) };

    private static int Before(string text, int unit)
    {
        var points = 0;
        for (var i = 0; i < unit && i < text.Length; i++)
        {
            if (!char.IsLowSurrogate(text[i]))
            {
                points++;
            }
        }

        return points;
    }

    private static int Unit(string text, int point)
    {
        var unit = 0;
        for (var points = 0; points < point && unit < text.Length; points++)
        {
            unit += char.IsSurrogatePair(text, unit) ? 2 : 1;
        }

        return Before(text, unit) < point ? int.MaxValue : unit;
    }
}
