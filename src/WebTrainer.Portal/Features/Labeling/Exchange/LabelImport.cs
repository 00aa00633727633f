using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>Takes over what people labelled elsewhere: Label Studio JSON, or JSONL with a column an annotator, as this program writes both.</summary>
public sealed class LabelImport(Authorizer authorizer, TaskRows rows)
{
    public const int MaxBytes = 50 * 1024 * 1024;
    public const int MaxRows = 20_000;
    private const int MaxDepth = 32;
    private const string Annotator = ".annotator_";
    private static readonly string[] s_texts = ["text", "prompt", "instruction"];

    private sealed record Imported(string Text, string? Response, IReadOnlyList<(string Person, Dictionary<string, (QuestionKind Kind, string Value)> Answers)> Given);

    /// <returns>The new task, whose rows are a new dataset; the annotators are known by pseudonyms only.</returns>
    /// <exception cref="RuleViolationException">The file can't be read; the message says where.</exception>
    public async Task<Guid> ImportAsync(Caller caller, Guid projectId, string name, Stream file, CancellationToken ct)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, ct);
        var items = await ReadAsync(file, ct);
        var questions = Questions(items);
        var canonical = items.Select((item, i) => CanonicalRow.Create($"row{i + 1:000000}", i + 1, null, item.Text, item.Response)).ToList();
        var stored = await rows.WriteAsync(canonical.ToAsyncEnumerable(), ct);
        var dataset = new Dataset(projectId, name, caller.UserId, work.Now);
        var version = new DatasetVersion(dataset, 1, VersionKind.Imported, stored.Sha256, stored.Rows, stored.Bytes, caller.UserId, work.Now);
        var people = items.SelectMany(i => i.Given.Select(g => g.Person)).Distinct().ToList();
        var overlap = Math.Clamp(items.Max(i => i.Given.Count), 1, Math.Min(TaskRules.MostOverlap, people.Count));
        var task = new LabelTask(
            projectId, version.Id, name, questions, new TaskRules { Overlap = overlap, MaxOverlap = TaskRules.MostOverlap, Order = ItemOrder.AsGiven }, "{}",
            people.Select(PseudoUser), caller.UserId, work.Now);
        work.Db.AddRange(dataset, version, task);
        foreach (var (ordinal, item) in items.Index())
            work.Db.LabelItems.Add(Item(task, ordinal, canonical[ordinal], item, work.Now));
        await work.Db.SaveWithAuditAsync(work, "labeling.task-imported", task, items.Count, ct);
        return task.Id;
    }

    /// <summary>Not the id of any account, so that nobody can answer in this name.</summary>
    private static string PseudoUser(string person) => "imported:" + person;

    private static LabelItem Item(LabelTask task, int ordinal, CanonicalRow row, Imported imported, DateTimeOffset now)
    {
        var item = new LabelItem(task.Id, ordinal, row.Id, task.Rules.Overlap, ordinal);
        var content = ItemContent.Of(row, task.Questions);
        foreach (var (person, answers) in imported.Given.Take(task.Rules.Overlap))
        {
            try
            {
                var sheet = task.Accept(answers.ToDictionary(a => a.Key, a => Fitting(task, a.Key, a.Value.Value)), content.Shape(0));
                item.Take(task, PseudoUser(person), now);
                item.Submit(task, PseudoUser(person), sheet, 0, now);
            }
            catch (RuleViolationException ex)
            {
                throw new RuleViolationException($"Item {ordinal + 1}, annotator {person}: {ex.Message}");
            }
        }

        return item;
    }

    /// <summary>One choice is a list of one where others chose several.</summary>
    private static string Fitting(LabelTask task, string key, string value) =>
        task.Questions.Find(q => q.Key == key) is { Kind: QuestionKind.ChooseMany } && !value.StartsWith('[') ? JsonSerializer.Serialize(new[] { value }) : value;

    private static async Task<List<Imported>> ReadAsync(Stream file, CancellationToken ct)
    {
        using var reader = new StreamReader(file);
        var text = await reader.ReadToEndAsync(ct);
        var items = text.AsSpan().TrimStart().StartsWith("[") ? LabelStudioItems(text) : JsonlItems(text);
        if (items.Count is 0 or > MaxRows)
            throw new RuleViolationException($"The file has {items.Count} items; 1 to {MaxRows} can be imported at once.");
        return items.Exists(i => i.Given.Count > 0) ? items : throw new RuleViolationException("No item of this file has an answer. Import it with the data instead.");
    }

    private static List<Imported> LabelStudioItems(string text)
    {
        var items = new List<Imported>();
        using var document = Parse(text, "the file");
        foreach (var task in document.RootElement.EnumerateArray())
        {
            try
            {
                var data = task.GetProperty("data");
                var given = task.TryGetProperty("annotations", out var annotations)
                    ? annotations.EnumerateArray().Where(a => !a.TryGetProperty("was_cancelled", out var cancelled) || cancelled.ValueKind != JsonValueKind.True)
                        .Select((a, i) => (Person: a.TryGetProperty("completed_by", out var by) ? by.ToString() : $"{i + 1}", LabelStudio.Read(a))).DistinctBy(a => a.Person).ToList()
                    : [];
                items.Add(new Imported(TextOf(data), Optional(data, "response"), given));
            }
            catch (Exception ex) when (ex is KeyNotFoundException or InvalidOperationException or FormatException)
            {
                throw new RuleViolationException($"Task {items.Count + 1} of the file is not as Label Studio writes it: {ex.Message}");
            }
        }

        return items;
    }

    private static List<Imported> JsonlItems(string text)
    {
        var items = new List<Imported>();
        foreach (var (number, line) in text.Split('\n').Index().Where(l => !string.IsNullOrWhiteSpace(l.Item)))
        {
            using var document = Parse(line, $"line {number + 1}");
            var row = document.RootElement;
            if (row.ValueKind != JsonValueKind.Object)
                throw new RuleViolationException($"Line {number + 1} is no JSON object.");
            var given = row.EnumerateObject().Where(p => p.Name.Contains(Annotator, StringComparison.Ordinal) && p.Value.ValueKind != JsonValueKind.Null)
                .GroupBy(p => p.Name[(p.Name.LastIndexOf(Annotator, StringComparison.Ordinal) + Annotator.Length)..])
                .Select(person => (person.Key, person.ToDictionary(p => LabelStudio.Key(p.Name[..p.Name.LastIndexOf(Annotator, StringComparison.Ordinal)]), p => Value(p.Value)))).ToList();
            items.Add(new Imported(TextOf(row, $"line {number + 1}"), Optional(row, "response"), given));
        }

        return items;
    }

    private static (QuestionKind Kind, string Value) Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => (QuestionKind.Rate, value.GetRawText()),
        JsonValueKind.Array when value.GetArrayLength() > 0 && value[0].ValueKind == JsonValueKind.Object => (QuestionKind.Spans, value.GetRawText()),
        JsonValueKind.Array => (QuestionKind.ChooseMany, value.GetRawText()),
        _ => (QuestionKind.Choose, value.ToString()),
    };

    /// <summary>The questions that the answers belong to: a label where few values come again and again, else free text.</summary>
    private static List<Question> Questions(List<Imported> items)
    {
        var questions = new List<Question>();
        foreach (var answers in items.SelectMany(i => i.Given).SelectMany(g => g.Answers).GroupBy(a => a.Key))
        {
            var kinds = answers.Select(a => a.Value.Kind).ToHashSet();
            var values = answers.Select(a => a.Value.Value).ToList();
            var kind = kinds.Contains(QuestionKind.ChooseMany) ? QuestionKind.ChooseMany : kinds.First();
            var options = kind switch
            {
                QuestionKind.Choose => values.Distinct().Order(StringComparer.Ordinal).ToList(),
                QuestionKind.ChooseMany => [.. values.SelectMany(v => v.StartsWith('[') ? JsonSerializer.Deserialize<string[]>(v)! : [v]).Distinct().Order(StringComparer.Ordinal)],
                QuestionKind.Spans => [.. values.SelectMany(v => JsonSerializer.Deserialize<SpanMark[]>(v, JsonSerializerOptions.Web)!).Select(s => s.Label).Distinct().Order(StringComparer.Ordinal)],
                _ => [],
            };
            if (kind == QuestionKind.Choose && (options.Count < 2 || options.Count > Question.MaxOptions))
                (kind, options) = (QuestionKind.Text, []);
            var question = Question.New(kind, answers.Key, answers.Key, options) with { Required = false };
            questions.Add(kind == QuestionKind.Rate
                ? question with { Min = Math.Min(1, values.Min(v => int.Parse(v, System.Globalization.CultureInfo.InvariantCulture))), Max = Math.Max(5, values.Max(v => int.Parse(v, System.Globalization.CultureInfo.InvariantCulture))) }
                : kind == QuestionKind.ChooseMany ? question with { Min = 0 } : question);
        }

        return questions;
    }

    private static string TextOf(JsonElement data, string where = "a task") =>
        s_texts.Select(name => Optional(data, name)).FirstOrDefault(text => text is not null) ?? throw new RuleViolationException($"In {where} there is no field text, prompt or instruction.");

    private static string? Optional(JsonElement data, string name) =>
        data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonDocument Parse(string json, string where)
    {
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (JsonException ex)
        {
            throw new RuleViolationException($"In {where} is no JSON: {ex.Message}");
        }
    }
}
