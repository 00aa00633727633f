using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Import;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Labeling;

public enum LabelExportFormat
{
    /// <summary>One JSON object an item, with a column a question and annotator: <c>quality.annotator_1</c>.</summary>
    Jsonl,

    /// <summary>The same as CSV whose cells no spreadsheet runs as formulas.</summary>
    Csv,

    /// <summary>What Label Studio imports and exports: tasks with annotations.</summary>
    LabelStudio,
}

/// <summary>Writes all answers of a task for other programs, under pseudonyms.</summary>
public sealed class LabelExport(Authorizer authorizer, RowTexts texts)
{
    private const int BatchSize = 500;
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private sealed record Given(int Annotator, IReadOnlyDictionary<string, string> Values, double Seconds, DateTimeOffset At);

    private sealed record Line(int Ordinal, string RowId, string Text, string? Response, string State, IReadOnlyDictionary<string, string> Final, IReadOnlyList<Given> Answers);

    public async Task WriteAsync(Caller caller, Guid projectId, Guid taskId, LabelExportFormat format, Stream target, CancellationToken ct)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, ct);
        var task = await work.TaskAsync(taskId, ct);
        var people = await work.Db.Assignments.Where(a => a.TaskId == taskId).Select(a => a.UserId).Distinct().ToListAsync(ct);
        var annotators = Pseudonyms.Of(task, people).OrderBy(p => p.Value.Length).ThenBy(p => p.Value, StringComparer.Ordinal).Index().ToDictionary(p => p.Item.Key, p => p.Index + 1);
        work.Audit("labeling.exported", taskId, null, new { format });
        await work.SaveAsync(ct);
        await using var writer = new StreamWriter(target, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        var lines = LinesAsync(work, task, annotators, ct);
        await (format switch
        {
            LabelExportFormat.Jsonl => JsonlAsync(writer, task, lines),
            LabelExportFormat.Csv => CsvAsync(writer, task, annotators.Count, lines),
            _ => LabelStudioAsync(writer, task, lines),
        });
    }

    private async IAsyncEnumerable<Line> LinesAsync(
        ProjectWork work, LabelTask task, Dictionary<string, int> annotators, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var version = await work.Db.DatasetVersions.SingleAsync(v => v.Id == task.DatasetVersionId, ct);
        for (var from = 0; ; from += BatchSize)
        {
            var batch = await work.Db.LabelItems.AsNoTracking().Include(i => i.Assignments)
                .Where(i => i.TaskId == task.Id && i.Ordinal >= from && i.Ordinal < from + BatchSize).OrderBy(i => i.Ordinal).ToListAsync(ct);
            if (batch.Count == 0)
                yield break;
            foreach (var item in batch)
            {
                var row = await texts.FindAsync(version, item.RowId, ct);
                var given = item.Assignments.Where(a => a.State is AssignmentState.Answered or AssignmentState.Returned)
                    .Select(a => new Given(annotators[a.UserId], QuestionForm.Read(a.Values), a.Seconds, a.AnsweredAt!.Value)).OrderBy(g => g.Annotator).ToList();
                yield return new Line(item.Ordinal, item.RowId, row.Prompt, row.Response, item.IsGold ? "Known" : item.State.ToString(), QuestionForm.Read(item.Final), given);
            }
        }
    }

    private static async Task JsonlAsync(StreamWriter writer, LabelTask task, IAsyncEnumerable<Line> lines)
    {
        await foreach (var line in lines)
        {
            var json = new JsonObject { ["id"] = line.RowId, ["text"] = line.Text, ["response"] = line.Response, ["state"] = line.State };
            foreach (var question in task.Questions)
            {
                json[question.Key] = Plain(question, line.Final.GetValueOrDefault(question.Key));
                foreach (var given in line.Answers)
                    json[$"{question.Key}.annotator_{given.Annotator}"] = Plain(question, given.Values.GetValueOrDefault(question.Key));
            }

            await writer.WriteLineAsync(json.ToJsonString(s_json));
        }
    }

    private static async Task CsvAsync(StreamWriter writer, LabelTask task, int annotators, IAsyncEnumerable<Line> lines)
    {
        var columns = task.Questions.SelectMany(q => Enumerable.Range(0, annotators + 1).Select(a => a == 0 ? q.Key : $"{q.Key}.annotator_{a}"));
        await writer.WriteLineAsync(string.Join(',', ((string[])["id", "text", "response", "state"]).Concat(columns).Select(Cell)));
        await foreach (var line in lines)
        {
            var cells = new List<string?> { line.RowId, line.Text, line.Response, line.State };
            foreach (var question in task.Questions)
            {
                cells.Add(line.Final.GetValueOrDefault(question.Key));
                cells.AddRange(Enumerable.Range(1, annotators).Select(a => line.Answers.FirstOrDefault(g => g.Annotator == a)?.Values.GetValueOrDefault(question.Key)));
            }

            await writer.WriteLineAsync(string.Join(',', cells.Select(Cell)));
        }
    }

    private static string Cell(string? value) => $"\"{FormulaGuard.Add(value ?? "").Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static async Task LabelStudioAsync(StreamWriter writer, LabelTask task, IAsyncEnumerable<Line> lines)
    {
        await writer.WriteAsync("[");
        await foreach (var line in lines)
        {
            await writer.WriteLineAsync(line.Ordinal == 0 ? "" : ",");
            var annotations = line.Answers.Select(given => new
            {
                completed_by = given.Annotator, lead_time = given.Seconds, created_at = given.At, was_cancelled = false,
                result = task.Questions.Where(q => given.Values.ContainsKey(q.Key)).SelectMany(q => LabelStudio.Results(q, given.Values[q.Key], line.Text)),
            });
            await writer.WriteAsync(JsonSerializer.Serialize(new { id = line.Ordinal + 1, data = new { id = line.RowId, text = line.Text, response = line.Response }, annotations }, s_json));
        }

        await writer.WriteLineAsync("\n]");
    }

    /// <summary>Lists as JSON, all else as text.</summary>
    private static JsonNode? Plain(Question question, string? value) => value is null ? null : question.Kind switch
    {
        QuestionKind.ChooseMany or QuestionKind.Spans or QuestionKind.Rank or QuestionKind.TurnRatings => JsonNode.Parse(value),
        QuestionKind.Rate => int.Parse(value, System.Globalization.CultureInfo.InvariantCulture),
        _ => value,
    };
}
