using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Domain.Labels;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>Answers as columns of a line, one a question and annotator: <c>quality.annotator_1</c>.</summary>
public static class AnswerColumns
{
    private const string Annotator = ".annotator_";

    public static string Name(Question question, int annotator) => $"{question.Key}{Annotator}{annotator}";

    /// <summary>Lists as JSON, all else as text; marks by characters of Unicode.</summary>
    public static JsonNode? Write(Question question, string? value, string text) =>
        value is null
            ? null
            : question.Kind switch
            {
                QuestionKind.Spans => JsonSerializer.SerializeToNode(
                    JsonSerializer
                        .Deserialize<SpanMark[]>(value, JsonSerializerOptions.Web)!
                        .Select(mark => CodePoints.Written(mark, text)),
                    JsonSerializerOptions.Web
                ),
                QuestionKind.Links => JsonSerializer.SerializeToNode(
                    JsonSerializer
                        .Deserialize<SpanLink[]>(value, JsonSerializerOptions.Web)!
                        .Select(link => CodePoints.Written(link, text)),
                    JsonSerializerOptions.Web
                ),
                QuestionKind.ChooseMany or QuestionKind.Rank or QuestionKind.TurnRatings => JsonNode.Parse(value),
                QuestionKind.Rate => int.Parse(value, CultureInfo.InvariantCulture),
                _ => value,
            };

    internal static bool Has(JsonElement line) => line.EnumerateObject().Any(IsAnswer);

    public static IReadOnlyList<ImportedSheet> Sheets(JsonElement line, string text) =>
        [
            .. line.EnumerateObject()
                .Where(IsAnswer)
                .Where(field => field.Value.ValueKind != JsonValueKind.Null)
                .GroupBy(field => field.Name[(Split(field.Name) + Annotator.Length)..])
                .Select(person => new ImportedSheet(
                    person.Key,
                    person
                        .DistinctBy(field => field.Name)
                        .ToDictionary(field => field.Name[..Split(field.Name)], field => Read(field.Value, text))
                )),
        ];

    private static bool IsAnswer(JsonProperty field) => field.Name.Contains(Annotator, StringComparison.Ordinal);

    private static int Split(string name) => name.LastIndexOf(Annotator, StringComparison.Ordinal);

    private static ImportedAnswer Read(JsonElement value, string text) =>
        value.ValueKind switch
        {
            JsonValueKind.Number => new(QuestionKind.Rate, value.GetRawText()),
            JsonValueKind.Array
                when value.GetArrayLength() > 0 && value[0].ValueKind == JsonValueKind.Object && value[0].TryGetProperty("from", out _) =>
                new(
                    QuestionKind.Links,
                    JsonSerializer.Serialize(TextList.Links(value).Select(link => CodePoints.Read(link, text)), JsonSerializerOptions.Web)
                ),
            JsonValueKind.Array when value.GetArrayLength() > 0 && value[0].ValueKind == JsonValueKind.Object => new(
                QuestionKind.Spans,
                JsonSerializer.Serialize(TextList.Marks(value).Select(mark => CodePoints.Read(mark, text)), JsonSerializerOptions.Web)
            ),
            JsonValueKind.Array => new(QuestionKind.ChooseMany, TextList.Of(value)),
            _ => new(QuestionKind.Choose, value.ToString()),
        };
}
