using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Domain;
using WebTrainer.Domain.Labels;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>Answers in Label Studio's words: a list of results with <c>from_name</c>, <c>type</c> and <c>value</c>.</summary>
public static class LabelStudio
{
    public static IEnumerable<JsonObject> Results(Question question, string value, string text) => question.Kind switch
    {
        QuestionKind.ChooseMany => [Result(question, "choices", new JsonObject { ["choices"] = JsonNode.Parse(value) })],
        QuestionKind.Rate => [Result(question, "rating", new JsonObject { ["rating"] = int.Parse(value, CultureInfo.InvariantCulture) })],
        QuestionKind.Text or QuestionKind.Rewrite => [Result(question, "textarea", new JsonObject { ["text"] = new JsonArray(value) })],
        QuestionKind.TurnRatings => [Result(question, "textarea", new JsonObject { ["text"] = new JsonArray(value) })],
        QuestionKind.Rank => [Result(question, "ranker", new JsonObject { ["ranker"] = new JsonObject { ["rank"] = JsonNode.Parse(value) } })],
        QuestionKind.Spans => JsonSerializer.Deserialize<SpanMark[]>(value, JsonSerializerOptions.Web)!.Select(span => Result(
            question, "labels",
            new JsonObject { ["start"] = span.Start, ["end"] = span.End, ["text"] = text[span.Start..span.End], ["labels"] = new JsonArray(span.Label) })),
        _ => [Result(question, "choices", new JsonObject { ["choices"] = new JsonArray(value) })],
    };

    /// <summary>The answers of one annotation, by question; what this program has no question for is refused by name.</summary>
    /// <exception cref="RuleViolationException">A result can't be read; the message says which.</exception>
    public static Dictionary<string, (QuestionKind Kind, string Value)> Read(JsonElement annotation)
    {
        var answers = new Dictionary<string, (QuestionKind, string)>();
        var spans = new Dictionary<string, List<SpanMark>>();
        foreach (var result in annotation.GetProperty("result").EnumerateArray())
        {
            var key = Key(result.GetProperty("from_name").GetString()!);
            var value = result.GetProperty("value");
            switch (result.GetProperty("type").GetString())
            {
                case "choices" when value.GetProperty("choices").GetArrayLength() == 1:
                    answers[key] = (QuestionKind.Choose, value.GetProperty("choices")[0].GetString()!);
                    break;
                case "choices":
                    answers[key] = (QuestionKind.ChooseMany, value.GetProperty("choices").GetRawText());
                    break;
                case "rating":
                    answers[key] = (QuestionKind.Rate, value.GetProperty("rating").GetInt32().ToString(CultureInfo.InvariantCulture));
                    break;
                case "textarea":
                    answers[key] = (QuestionKind.Text, string.Join('\n', value.GetProperty("text") is { ValueKind: JsonValueKind.Array } lines ? lines.EnumerateArray().Select(t => t.GetString()) : [value.GetProperty("text").GetString()]));
                    break;
                case "labels":
                    if (!spans.TryGetValue(key, out var marks))
                        spans[key] = marks = [];
                    marks.AddRange(value.GetProperty("labels").EnumerateArray().Select(l => new SpanMark(value.GetProperty("start").GetInt32(), value.GetProperty("end").GetInt32(), l.GetString()!)));
                    break;
                case var other:
                    throw new RuleViolationException($"Results of type '{other}' can't be imported; choices, rating, textarea and labels can.");
            }
        }

        foreach (var (key, marks) in spans)
            answers[key] = (QuestionKind.Spans, JsonSerializer.Serialize(marks, JsonSerializerOptions.Web));
        return answers;
    }

    /// <summary>A name as questions have them.</summary>
    public static string Key(string name)
    {
        var key = string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')).Trim('_');
        key = key.Length == 0 || !char.IsAsciiLetter(key[0]) ? "q_" + key : key;
        return key[..Math.Min(32, key.Length)];
    }

    private static JsonObject Result(Question question, string type, JsonObject value) => new()
    {
        ["id"] = Guid.NewGuid().ToString("N")[..10], ["from_name"] = question.Key, ["to_name"] = "text", ["type"] = type, ["value"] = value,
    };
}
