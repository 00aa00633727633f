using System.Text.Json;
using WebTrainer.Domain.Labels;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>Lists of a file with answers: choices, things in their order, marks.</summary>
internal static class TextList
{
    /// <summary>A list in the form in which answers are stored.</summary>
    /// <param name="list">Of texts; numbers, as points of several turns, stay numbers.</param>
    /// <exception cref="FormatException">It holds something else, so that its item is left out.</exception>
    public static string Of(JsonElement list) =>
        list.EnumerateArray().All(item => item.ValueKind is JsonValueKind.String or JsonValueKind.Number)
            ? list.GetRawText()
            : throw new FormatException("a list of choices holds something that is no text.");

    /// <summary>The texts of a stored list.</summary>
    public static IReadOnlyList<string> Read(string stored)
    {
        using var list = JsonDocument.Parse(stored);
        return [.. list.RootElement.EnumerateArray().Select(item => item.ToString())];
    }

    /// <summary>Links between marks as they stand in a file.</summary>
    /// <exception cref="FormatException">One lacks an end or a label.</exception>
    public static IReadOnlyList<SpanLink> Links(JsonElement list) =>
        list.Deserialize<SpanLink[]>(JsonSerializerOptions.Web) is { } links
        && links.All(link => link is { Label: not null, From.Label: not null, To.Label: not null })
            ? links
            : throw new FormatException("a link between marks lacks an end or a label.");

    /// <summary>Marks as they stand in a file.</summary>
    /// <exception cref="FormatException">One has no label.</exception>
    public static IReadOnlyList<SpanMark> Marks(JsonElement list) =>
        list.Deserialize<SpanMark[]>(JsonSerializerOptions.Web) is { } marks && marks.All(mark => mark?.Label is not null)
            ? marks
            : throw new FormatException("a mark has no label.");
}
