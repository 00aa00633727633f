using System.Text.Json;
using WebTrainer.Domain;
using WebTrainer.Domain.Labels;
using WebTrainer.Pipeline;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>
/// Reads files with answers: Label Studio's JSON and JSON-MIN, Argilla's records, and JSONL with a column an annotator. An item that can't
/// be read is left out and noted.
/// </summary>
public static class LabelFiles
{
    private static readonly string[] s_texts = ["text", "prompt", "instruction"];
    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 32 };
    private static readonly JsonSerializerOptions s_questions = new(JsonSerializerDefaults.Web)
    {
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <exception cref="RuleViolationException">The file is neither a JSON list nor JSON lines.</exception>
    public static ImportedFile Read(string text)
    {
        var notes = new ExchangeNotes();
        var (questions, items) = ((IReadOnlyList<Question>?)null, new List<ImportedItem>());
        foreach (var (where, element) in text.AsSpan().TrimStart().StartsWith("[") ? Elements(text) : Lines(text, notes))
        {
            try
            {
                questions ??= Questions(element);
                items.Add(Item(where, element, questions, notes));
            }
            catch (Exception ex)
                when (ex is KeyNotFoundException or InvalidOperationException or FormatException or JsonException or RuleViolationException)
            {
                notes.Add($"{where} was left out: {Reason(ex)}");
            }
        }

        return new ImportedFile(questions, Joined(items), notes);
    }

    /// <summary>The questions of a task as its export says them.</summary>
    public static JsonElement Schema(IReadOnlyList<Question> questions) => JsonSerializer.SerializeToElement(questions, s_questions);

    private static IEnumerable<(string Where, JsonElement Element)> Elements(string text)
    {
        using var document = Parse(text, "The file");
        foreach (var (i, element) in document.RootElement.EnumerateArray().Index())
        {
            yield return ($"Item {i + 1}", element);
        }
    }

    private static IEnumerable<(string Where, JsonElement Element)> Lines(string text, ExchangeNotes notes)
    {
        // Only LF ends a line: JSON may hold the separators that Unicode counts as ends of lines.
        foreach (var (i, line) in text.Split('\n').Index())
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            if (Try(line, $"Line {i + 1}", notes) is not { } document)
            {
                continue;
            }

            using (document)
            {
                yield return ($"Line {i + 1}", document.RootElement);
            }
        }
    }

    private static JsonDocument? Try(string line, string where, ExchangeNotes notes)
    {
        try
        {
            return Parse(line, where);
        }
        catch (RuleViolationException ex)
        {
            notes.Add(ex.Message);
            return null;
        }
    }

    private static JsonDocument Parse(string json, string where)
    {
        try
        {
            return JsonDocument.Parse(json, s_json);
        }
        catch (JsonException ex)
        {
            throw new RuleViolationException($"{where} is no JSON: {ex.Message}");
        }
    }

    private static ImportedItem Item(string where, JsonElement element, IReadOnlyList<Question>? questions, ExchangeNotes notes)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("it is no JSON object.");
        }

        var (data, sheets) = element switch
        {
            _ when element.TryGetProperty("data", out var task) && task.ValueKind == JsonValueKind.Object => (
                task,
                LabelStudio.Sheets(element, TextOf(task), notes)
            ),
            _ when element.TryGetProperty("fields", out var fields) && fields.ValueKind == JsonValueKind.Object => (
                fields,
                ArgillaRecord.Sheets(element)
            ),
            _ when AnswerColumns.Has(element) || questions is not null => (element, AnswerColumns.Sheets(element, TextOf(element))),
            _ => (element, LabelStudio.MinimalSheets(element, TextOf(element))),
        };
        return new ImportedItem(
            where,
            TextOf(data),
            Optional(data, "response"),
            Optional(data, "system"),
            Messages(data),
            Candidates(data),
            sheets
        );
    }

    /// <summary>JSON-MIN and others say each person's answers as an item of its own.</summary>
    private static List<ImportedItem> Joined(List<ImportedItem> items) =>
        [
            .. items
                .GroupBy(item =>
                    item.Sheets is [{ Person: var person }] && person.StartsWith(LabelStudio.ItemMark, StringComparison.Ordinal)
                        ? person[..person.IndexOf('/', StringComparison.Ordinal)]
                        : item.Where
                )
                .Select(group =>
                    group.First() with
                    {
                        Sheets =
                        [
                            .. group.SelectMany(item => item.Sheets).Select(LabelStudio.WithoutMark).DistinctBy(sheet => sheet.Person),
                        ],
                    }
                ),
        ];

    private static IReadOnlyList<Question>? Questions(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var holder = element.TryGetProperty("meta", out var meta) && meta.ValueKind == JsonValueKind.Object ? meta : element;
        return
            holder.TryGetProperty("questions", out var questions)
            && questions is { ValueKind: JsonValueKind.Array }
            && questions.GetArrayLength() > 0
            && questions[0] is { ValueKind: JsonValueKind.Object }
            ? questions.Deserialize<List<Question>>(s_questions)
            : null;
    }

    private static string TextOf(JsonElement data)
    {
        if (s_texts.Select(name => Optional(data, name)).FirstOrDefault(text => text is not null) is { } known)
        {
            return known;
        }

        var texts = data.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.String).ToList();
        return texts.Count == 1 ? texts[0].Value.GetString()! : throw new FormatException("there is no field text, prompt or instruction.");
    }

    private static string? Optional(JsonElement data, string name) =>
        data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static List<ChatMessage> Messages(JsonElement data) =>
        data.TryGetProperty("messages", out var messages) && messages.ValueKind == JsonValueKind.Array
            ?
            [
                .. messages
                    .EnumerateArray()
                    .Select(m => new ChatMessage(m.GetProperty("role").GetString()!, m.GetProperty("content").GetString()!))
                    .Where(m => m.Role is ChatRoles.System or ChatRoles.User or ChatRoles.Assistant),
            ]
            : [];

    private static List<ImportedCandidate> Candidates(JsonElement data) =>
        data.TryGetProperty("candidates", out var candidates) && candidates.ValueKind == JsonValueKind.Array
            ?
            [
                .. candidates
                    .EnumerateArray()
                    .Select(
                        (c, i) => new ImportedCandidate(Optional(c, "model") ?? $"response {i + 1}", c.GetProperty("text").GetString()!)
                    ),
            ]
            : [];

    /// <summary>What the library says of a missing key names none.</summary>
    private static string Reason(Exception ex) => ex is KeyNotFoundException ? "a field that such items have is missing." : ex.Message;
}
