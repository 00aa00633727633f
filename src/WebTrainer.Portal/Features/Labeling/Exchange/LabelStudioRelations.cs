using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Domain.Labels;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>
/// Links between marks in Label Studio's words: results of the type <c>relation</c>, which lead from one result's id to another's.
/// </summary>
internal static class LabelStudioRelations
{
    /// <summary>Their type among results.</summary>
    public const string Type = "relation";

    /// <summary>What answers are called whose file doesn't say a question; relations have no <c>from_name</c> there.</summary>
    private const string UsualName = "relations";

    /// <summary>How two marks belong together that a relation without labels connects.</summary>
    private const string UsualLabel = "related";

    /// <summary>The same for the same mark, so that relations find it.</summary>
    public static string IdOf(SpanMark mark) => string.Create(CultureInfo.InvariantCulture, $"{mark.Start}-{mark.End}-{mark.Label}");

    public static IEnumerable<JsonObject> Write(Question question, string value) =>
        JsonSerializer
            .Deserialize<SpanLink[]>(value, JsonSerializerOptions.Web)!
            .Select(link => new JsonObject
            {
                ["from_id"] = IdOf(link.From),
                ["to_id"] = IdOf(link.To),
                ["type"] = Type,
                ["direction"] = "right",
                ["labels"] = new JsonArray(link.Label),
                ["from_name"] = question.Key, // not theirs: so that a file of ours comes back to its question
            });

    /// <summary>The links of an annotation by the names of their questions; one whose ends are no marks is left out and noted.</summary>
    public static IReadOnlyDictionary<string, List<SpanLink>> Read(JsonElement results, string text, ExchangeNotes notes)
    {
        var marks = new Dictionary<string, SpanMark>(StringComparer.Ordinal);
        foreach (var result in results.EnumerateArray().Where(r => LabelStudio.Text(r, "type") == "labels"))
        {
            if (
                LabelStudio.Text(result, "id") is { } id
                && LabelStudio.Marks(result.GetProperty("value"), text).FirstOrDefault() is { } mark
            )
            {
                marks[id] = mark;
            }
        }

        var links = new Dictionary<string, List<SpanLink>>(StringComparer.Ordinal);
        foreach (var result in results.EnumerateArray().Where(r => LabelStudio.Text(r, "type") == Type))
        {
            if (
                !marks.TryGetValue(LabelStudio.Text(result, "from_id") ?? "", out var from)
                || !marks.TryGetValue(LabelStudio.Text(result, "to_id") ?? "", out var to)
                || from == to
            )
            {
                notes.Add("Relations were left out that don't lead from one mark in the text to another.");
                continue;
            }

            var name = LabelStudio.Text(result, "from_name") ?? UsualName;
            (links.TryGetValue(name, out var list) ? list : links[name] = []).AddRange(
                Labels(result).SelectMany(label => Directed(LabelStudio.Text(result, "direction"), from, to, label))
            );
        }

        return links;
    }

    private static IEnumerable<string> Labels(JsonElement result) =>
        result.TryGetProperty("labels", out var labels) && labels.ValueKind == JsonValueKind.Array && labels.GetArrayLength() > 0
            ? labels.EnumerateArray().Select(label => label.GetString() ?? throw new FormatException("a relation's label is empty."))
            : [UsualLabel];

    private static IEnumerable<SpanLink> Directed(string? direction, SpanMark from, SpanMark to, string label) =>
        direction switch
        {
            "left" => [new SpanLink(to, from, label)],
            "bi" => [new SpanLink(from, to, label), new SpanLink(to, from, label)],
            _ => [new SpanLink(from, to, label)],
        };
}
