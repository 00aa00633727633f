using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Domain.Labels;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>Answers in Label Studio's words: a list of results with <c>from_name</c>, <c>type</c> and <c>value</c>.</summary>
public static class LabelStudio
{
    /// <summary>Stands before the person of an item that holds one person's answers, with the item's own id.</summary>
    internal const string ItemMark = "item ";

    private static readonly string[] s_facts =
    [
        "id",
        "text",
        "prompt",
        "instruction",
        "response",
        "system",
        "annotator",
        "annotation_id",
        "created_at",
        "updated_at",
        "lead_time",
        "agreement",
        "messages",
        "candidates",
    ];

    public static IEnumerable<JsonObject> Results(Question question, string value, string text) =>
        question.Kind switch
        {
            QuestionKind.ChooseMany => [Result(question, "choices", new JsonObject { ["choices"] = JsonNode.Parse(value) })],
            QuestionKind.Rate =>
            [
                Result(question, "rating", new JsonObject { ["rating"] = int.Parse(value, CultureInfo.InvariantCulture) }),
            ],
            QuestionKind.Text or QuestionKind.Rewrite or QuestionKind.TurnRatings =>
            [
                Result(question, "textarea", new JsonObject { ["text"] = new JsonArray(value) }),
            ],
            QuestionKind.Rank =>
            [
                Result(question, "ranker", new JsonObject { ["ranker"] = new JsonObject { ["rank"] = JsonNode.Parse(value) } }),
            ],
            QuestionKind.Spans => JsonSerializer
                .Deserialize<SpanMark[]>(value, JsonSerializerOptions.Web)!
                .Select(span => Labels(question, span, text)),
            QuestionKind.Links => LabelStudioRelations.Write(question, value),
            _ => [Result(question, "choices", new JsonObject { ["choices"] = new JsonArray(value) })],
        };

    /// <summary>What each person answered to a task, without annotations that were cancelled.</summary>
    internal static List<ImportedSheet> Sheets(JsonElement task, string text, ExchangeNotes notes)
    {
        foreach (
            var unused in ((string[])["predictions", "drafts", "comments"]).Where(name =>
                task.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0
            )
        )
        {
            notes.Add($"An item's {unused} were left out: only what people answered is imported.");
        }

        return !task.TryGetProperty("annotations", out var annotations) || annotations.ValueKind != JsonValueKind.Array
            ? []
            :
            [
                .. annotations
                    .EnumerateArray()
                    .Where(a => !a.TryGetProperty("was_cancelled", out var cancelled) || cancelled.ValueKind != JsonValueKind.True)
                    .Select((a, i) => new ImportedSheet(PersonOf(a) ?? $"{i + 1}", Read(a, text, notes)))
                    .DistinctBy(sheet => sheet.Person),
            ];
    }

    /// <summary>The answers of one annotation, by the names of its questions; what has no question here is left out and noted.</summary>
    public static IReadOnlyDictionary<string, ImportedAnswer> Read(JsonElement annotation, string text, ExchangeNotes notes)
    {
        var answers = new Dictionary<string, ImportedAnswer>(StringComparer.Ordinal);
        var spans = new Dictionary<string, List<SpanMark>>(StringComparer.Ordinal);
        var results = annotation.GetProperty("result");
        foreach (var result in results.EnumerateArray())
        {
            var type = Text(result, "type") ?? "";
            if (type == LabelStudioRelations.Type)
            {
                continue;
            }

            if (Text(result, "from_name") is not { } name)
            {
                notes.Add($"Results of the type '{type}' were left out: they answer no question.");
            }
            else if (type == "labels")
            {
                (spans.TryGetValue(name, out var marks) ? marks : spans[name] = []).AddRange(Marks(result.GetProperty("value"), text));
            }
            else if (Answer(type, result.GetProperty("value")) is { } answer)
            {
                answers[name] = answer;
            }
            else
            {
                notes.Add(
                    $"Results of the type '{type}' were left out: choices, taxonomy, rating, number, textarea, datetime, ranker, pairwise, labels and relations can be imported."
                );
            }
        }

        foreach (var (name, marks) in spans)
        {
            answers[name] = new ImportedAnswer(QuestionKind.Spans, JsonSerializer.Serialize(marks, JsonSerializerOptions.Web));
        }

        foreach (var (name, links) in LabelStudioRelations.Read(results, text, notes))
        {
            answers[name] = new ImportedAnswer(QuestionKind.Links, JsonSerializer.Serialize(links, JsonSerializerOptions.Web));
        }

        return answers;
    }

    /// <summary>JSON-MIN: an object an annotation, a field a question.</summary>
    internal static List<ImportedSheet> MinimalSheets(JsonElement item, string text)
    {
        var answers = item.EnumerateObject()
            .Where(field => !s_facts.Contains(field.Name) && field.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
            .Select(field => (field.Name, Answer: Minimal(field.Value, text)))
            .Where(field => field.Answer is not null)
            .ToDictionary(field => field.Name, field => field.Answer!);
        var id = item.TryGetProperty("id", out var given) ? given.ToString() : null;
        var person = PersonOf(item) ?? "1";
        return answers.Count == 0 ? [] : [new ImportedSheet(id is null ? person : $"{ItemMark}{id}/{person}", answers)];
    }

    internal static ImportedSheet WithoutMark(ImportedSheet sheet) =>
        sheet.Person.StartsWith(ItemMark, StringComparison.Ordinal)
            ? sheet with
            {
                Person = sheet.Person[(sheet.Person.IndexOf('/', StringComparison.Ordinal) + 1)..],
            }
            : sheet;

    private static ImportedAnswer? Minimal(JsonElement value, string text) =>
        value.ValueKind switch
        {
            JsonValueKind.String => new(QuestionKind.Choose, value.GetString()!),
            JsonValueKind.Number => new(QuestionKind.Rate, value.GetRawText()),
            JsonValueKind.Object when value.TryGetProperty("choices", out _) => Answer("choices", value),
            JsonValueKind.Array
                when value.GetArrayLength() > 0 && value[0].ValueKind == JsonValueKind.Object && value[0].TryGetProperty("labels", out _) =>
                new(
                    QuestionKind.Spans,
                    JsonSerializer.Serialize(value.EnumerateArray().SelectMany(mark => Marks(mark, text)), JsonSerializerOptions.Web)
                ),
            JsonValueKind.Array
                when value.GetArrayLength() > 0
                    && value[0].ValueKind == JsonValueKind.Object
                    && value[0].TryGetProperty("rating", out var rating) => new(QuestionKind.Rate, rating.GetRawText()),
            JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) => new(
                QuestionKind.ChooseMany,
                value.GetRawText()
            ),
            _ => null,
        };

    private static ImportedAnswer? Answer(string type, JsonElement value) =>
        type switch
        {
            "choices" when value.GetProperty("choices").GetArrayLength() == 1 => new(
                QuestionKind.Choose,
                value.GetProperty("choices")[0].GetString() ?? throw new FormatException("a choice is empty.")
            ),
            "choices" => new(QuestionKind.ChooseMany, TextList.Of(value.GetProperty("choices"))),
            "taxonomy" => new(
                QuestionKind.ChooseMany,
                JsonSerializer.Serialize(
                    value
                        .GetProperty("taxonomy")
                        .EnumerateArray()
                        .Select(path => string.Join(" / ", path.EnumerateArray().Select(step => step.GetString())))
                )
            ),
            "rating" => new(QuestionKind.Rate, value.GetProperty("rating").GetRawText()),
            "number" => new(QuestionKind.Rate, value.GetProperty("number").GetRawText()),
            "textarea" => new(QuestionKind.Text, Written(value.GetProperty("text"))),
            "datetime" => new(QuestionKind.Text, Given(value, "datetime")),
            "pairwise" => new(QuestionKind.Choose, Given(value, "selected")),
            "ranker" => Ranking(value.GetProperty("ranker")),
            _ => null,
        };

    private static string Written(JsonElement text) =>
        text.ValueKind == JsonValueKind.Array
            ? string.Join('\n', text.EnumerateArray().Select(line => line.GetString()))
            : text.GetString() ?? throw new FormatException("a text is empty.");

    private static string Given(JsonElement value, string name) =>
        value.GetProperty(name).GetString() ?? throw new FormatException($"'{name}' is empty.");

    private static ImportedAnswer? Ranking(JsonElement ranker)
    {
        // In one list, or in the first of those that a page has to sort things into.
        var order =
            ranker.ValueKind == JsonValueKind.Object
                ? ranker.EnumerateObject().Select(list => list.Value).FirstOrDefault(list => list.ValueKind == JsonValueKind.Array)
                : ranker;
        return order.ValueKind == JsonValueKind.Array ? new(QuestionKind.Rank, TextList.Of(order)) : null;
    }

    /// <summary>The marks of a result of the type <c>labels</c>.</summary>
    internal static IEnumerable<SpanMark> Marks(JsonElement value, string text) =>
        value
            .GetProperty("labels")
            .EnumerateArray()
            .Select(label =>
                CodePoints.Read(
                    new SpanMark(
                        value.GetProperty("start").GetInt32(),
                        value.GetProperty("end").GetInt32(),
                        label.GetString() ?? throw new FormatException("a label is empty.")
                    ),
                    text
                )
            );

    private static string? PersonOf(JsonElement annotation)
    {
        foreach (var name in (string[])["completed_by", "annotator"])
        {
            if (annotation.TryGetProperty(name, out var by) && by.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
            {
                return by.ValueKind == JsonValueKind.Object ? Text(by, "email") ?? by.GetProperty("id").ToString() : by.ToString();
            }
        }

        return null;
    }

    internal static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonObject Labels(Question question, SpanMark span, string text)
    {
        var place = CodePoints.Written(span, text);
        var result = Result(
            question,
            "labels",
            new JsonObject
            {
                ["start"] = place.Start,
                ["end"] = place.End,
                ["text"] = text[span.Start..span.End],
                ["labels"] = new JsonArray(span.Label),
            }
        );
        result["id"] = LabelStudioRelations.IdOf(span);
        return result;
    }

    private static JsonObject Result(Question question, string type, JsonObject value) =>
        new()
        {
            ["id"] = Guid.NewGuid().ToString("N")[..10],
            ["from_name"] = question.Key,
            ["to_name"] = LabelStudioConfig.Target(question),
            ["type"] = type,
            ["value"] = value,
        };
}
