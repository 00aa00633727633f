using System.Text.Json;
using WebTrainer.Domain.Labels;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>A record as Argilla exports it: fields to read, and responses by question or by person.</summary>
internal static class ArgillaRecord
{
    public static List<ImportedSheet> Sheets(JsonElement record)
    {
        if (!record.TryGetProperty("responses", out var responses))
        {
            return [];
        }

        var given = responses.ValueKind switch
        {
            // By question: each with the value that a person gave.
            JsonValueKind.Object => responses
                .EnumerateObject()
                .Where(question => question.Value.ValueKind == JsonValueKind.Array)
                .SelectMany(question =>
                    question
                        .Value.EnumerateArray()
                        .Select((answer, i) => (Person: PersonOf(answer, i), question.Name, Value: answer.GetProperty("value")))
                ),
            // By person: each with the values of all questions.
            JsonValueKind.Array => responses
                .EnumerateArray()
                .Where(IsSubmitted)
                .SelectMany(
                    (response, i) =>
                        response
                            .GetProperty("values")
                            .EnumerateObject()
                            .Select(answer => (Person: PersonOf(response, i), answer.Name, Value: answer.Value.GetProperty("value")))
                ),
            _ => [],
        };
        return
        [
            .. given
                .GroupBy(answer => answer.Person)
                .Select(person => new ImportedSheet(
                    person.Key,
                    person.DistinctBy(a => a.Name).ToDictionary(a => a.Name, a => Answer(a.Value))
                )),
        ];
    }

    private static bool IsSubmitted(JsonElement response) =>
        !response.TryGetProperty("status", out var status) || status.ValueKind != JsonValueKind.String || status.GetString() == "submitted";

    private static string PersonOf(JsonElement answer, int place) =>
        answer.TryGetProperty("user_id", out var id) && id.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
            ? id.ToString()
            : $"{place + 1}";

    private static ImportedAnswer Answer(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Number => new(QuestionKind.Rate, value.GetRawText()),
            JsonValueKind.Array
                when value.GetArrayLength() > 0 && value[0].ValueKind == JsonValueKind.Object && value[0].TryGetProperty("rank", out _) =>
                new(
                    QuestionKind.Rank,
                    JsonSerializer.Serialize(
                        value
                            .EnumerateArray()
                            .OrderBy(item => item.GetProperty("rank").GetInt32())
                            .Select(item => item.GetProperty("value").GetString())
                    )
                ),
            JsonValueKind.Array when value.GetArrayLength() > 0 && value[0].ValueKind == JsonValueKind.Object => new(
                QuestionKind.Spans,
                JsonSerializer.Serialize(TextList.Marks(value), JsonSerializerOptions.Web)
            ),
            JsonValueKind.Array => new(QuestionKind.ChooseMany, TextList.Of(value)),
            _ => new(QuestionKind.Choose, value.ToString()),
        };
}
