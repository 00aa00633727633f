using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Labeling;

public enum LabelExportFormat
{
    /// <summary>One JSON object an item, with a column a question and annotator: <c>quality.annotator_1</c>.</summary>
    Jsonl,

    /// <summary>The same as CSV whose cells no spreadsheet runs as formulas.</summary>
    Csv,

    /// <summary>What Label Studio imports and exports: tasks with annotations.</summary>
    LabelStudio,

    /// <summary>The labelling configuration that Label Studio shows them by.</summary>
    LabelStudioConfig,
}

/// <summary>Writes all answers of a task for other programs, under pseudonyms.</summary>
public sealed class LabelExport(Authorizer authorizer, RowLookup rows, FileStore files)
{
    private const int BatchSize = 500;
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private sealed record Given(int Annotator, IReadOnlyDictionary<string, string> Values, double Seconds, DateTimeOffset At);

    private sealed record Line(
        int Ordinal,
        CanonicalRow Row,
        string State,
        IReadOnlyDictionary<string, string> Final,
        IReadOnlyList<ModelAnswer> Candidates,
        IReadOnlyList<Given> Answers
    )
    {
        public string Text => Row.Prompt;
    }

    public async Task WriteAsync(
        Caller caller,
        Guid projectId,
        Guid taskId,
        LabelExportFormat format,
        Stream target,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var task = await work.TaskAsync(taskId, cancellationToken);
        var people = await work
            .Db.Assignments.Where(a => a.TaskId == taskId)
            .Select(a => a.UserId)
            .Distinct()
            .ToListAsync(cancellationToken);
        var annotators = Pseudonyms
            .Of(task, people)
            .OrderBy(p => p.Value.Length)
            .ThenBy(p => p.Value, StringComparer.Ordinal)
            .Index()
            .ToDictionary(p => p.Item.Key, p => p.Index + 1);
        work.Audit("labeling.exported", taskId, null, new { format });
        await work.SaveAsync(cancellationToken);
        var encoding = format == LabelExportFormat.Csv ? CsvFile.Encoding : new UTF8Encoding(false);
        await using var writer = new StreamWriter(target, encoding, leaveOpen: true) { NewLine = "\n" };
        var lines = LinesAsync(work, task, annotators, cancellationToken);
        await (
            format switch
            {
                LabelExportFormat.Jsonl => JsonlAsync(writer, task, lines),
                LabelExportFormat.Csv => CsvAsync(writer, task, annotators.Count, lines),
                LabelExportFormat.LabelStudioConfig => writer.WriteLineAsync(LabelStudioConfig.Write(task.Questions)),
                _ => LabelStudioAsync(writer, task, lines),
            }
        );
    }

    private async IAsyncEnumerable<Line> LinesAsync(
        ProjectWork work,
        LabelTask task,
        Dictionary<string, int> annotators,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var version = await work.Db.VersionOfAsync(task, cancellationToken);
        for (var from = 0; ; from += BatchSize)
        {
            var batch = await work
                .Db.LabelItems.AsNoTracking()
                .Include(i => i.Assignments)
                .Where(i => i.TaskId == task.Id && i.Ordinal >= from && i.Ordinal < from + BatchSize)
                .OrderBy(i => i.Ordinal)
                .ToListAsync(cancellationToken);
            if (batch.Count == 0)
            {
                yield break;
            }

            var ids = batch.SelectMany(i => i.Candidates).ToList();
            var compared =
                ids.Count == 0
                    ? []
                    : await work
                        .Db.ModelAnswers.AsNoTracking()
                        .Where(a => ids.Contains(a.Id))
                        .ToDictionaryAsync(a => a.Id, cancellationToken);
            foreach (var item in batch)
            {
                var row = await rows.FindAsync(files.PathOf(version.Sha256), item.RowId, cancellationToken);
                var given = item
                    .Assignments.Where(a => a.State is AssignmentState.Answered or AssignmentState.Returned)
                    .Select(a => new Given(annotators[a.UserId], QuestionForm.Read(a.Values), a.Seconds, a.AnsweredAt!.Value))
                    .OrderBy(g => g.Annotator)
                    .ToList();
                yield return new Line(
                    item.Ordinal,
                    row,
                    item.IsGold ? "Known" : item.State.ToString(),
                    QuestionForm.Read(item.Final),
                    [.. item.Candidates.Select(id => compared[id])],
                    given
                );
            }
        }
    }

    private static async Task JsonlAsync(StreamWriter writer, LabelTask task, IAsyncEnumerable<Line> lines)
    {
        await foreach (var line in lines)
        {
            var json = Data(task, line);
            json["state"] = line.State;
            if (line.Ordinal == 0)
            {
                json["questions"] = JsonNode.Parse(LabelFiles.Schema(task.Questions).GetRawText()); // once, so that an import asks the same
            }

            foreach (var question in task.Questions)
            {
                json[question.Key] = AnswerColumns.Write(question, line.Final.GetValueOrDefault(question.Key), line.Text);
                foreach (var given in line.Answers)
                {
                    json[AnswerColumns.Name(question, given.Annotator)] = AnswerColumns.Write(
                        question,
                        given.Values.GetValueOrDefault(question.Key),
                        line.Text
                    );
                }
            }

            await writer.WriteLineAsync(json.ToJsonString(s_json));
        }
    }

    private static async Task CsvAsync(StreamWriter writer, LabelTask task, int annotators, IAsyncEnumerable<Line> lines)
    {
        var columns = task.Questions.SelectMany(q =>
            Enumerable.Range(0, annotators + 1).Select(a => a == 0 ? q.Key : AnswerColumns.Name(q, a))
        );
        await writer.WriteLineAsync(CsvFile.Line(((string[])["id", "text", "response", "state"]).Concat(columns)));
        await foreach (var line in lines)
        {
            var cells = new List<string?> { line.Row.Id, line.Text, line.Row.Response, line.State };
            foreach (var question in task.Questions)
            {
                cells.Add(line.Final.GetValueOrDefault(question.Key));
                cells.AddRange(
                    Enumerable
                        .Range(1, annotators)
                        .Select(a => line.Answers.FirstOrDefault(g => g.Annotator == a)?.Values.GetValueOrDefault(question.Key))
                );
            }

            await writer.WriteLineAsync(CsvFile.Line(cells));
        }
    }

    private static async Task LabelStudioAsync(StreamWriter writer, LabelTask task, IAsyncEnumerable<Line> lines)
    {
        await writer.WriteAsync("[");
        await foreach (var line in lines)
        {
            await writer.WriteLineAsync(line.Ordinal == 0 ? "" : ",");
            var annotations = line.Answers.Select(given => new
            {
                // Not completed_by: that is an account of theirs.
                annotator = given.Annotator,
                lead_time = given.Seconds,
                created_at = given.At,
                was_cancelled = false,
                result = task
                    .Questions.Where(q => given.Values.ContainsKey(q.Key))
                    .SelectMany(q => LabelStudio.Results(q, given.Values[q.Key], line.Text)),
            });
            object? meta = line.Ordinal == 0 ? new { questions = LabelFiles.Schema(task.Questions) } : null;
            await writer.WriteAsync(
                JsonSerializer.Serialize(
                    new
                    {
                        id = line.Ordinal + 1,
                        data = Data(task, line),
                        meta,
                        annotations,
                    },
                    s_json
                )
            );
        }

        await writer.WriteLineAsync("\n]");
    }

    /// <summary>What people looked at: the text, and what else of the row or of its responses the questions are about.</summary>
    private static JsonObject Data(LabelTask task, Line line)
    {
        var data = new JsonObject
        {
            ["id"] = line.Row.Id,
            ["text"] = line.Text,
            ["response"] = line.Row.Response,
        };
        if (line.Row.System is { } system)
        {
            data["system"] = system;
        }

        if (line.Row.Messages.Count(m => m.Role == ChatRoles.Assistant) > 1)
        {
            data["messages"] = new JsonArray([
                .. line.Row.Messages.Select(m => new JsonObject { ["role"] = m.Role, ["content"] = m.Content }),
            ]);
        }

        if (line.Candidates.Count > 0)
        {
            data["candidates"] = new JsonArray([.. line.Candidates.Select(c => new JsonObject { ["model"] = c.Model, ["text"] = c.Text })]);
        }

        foreach (var question in task.Questions.Where(q => q.Kind == QuestionKind.Rank))
        {
            data[LabelStudioConfig.Target(question)] = new JsonArray([
                .. Ranked(question, line).Select(item => new JsonObject { ["id"] = item.Id, ["title"] = item.Title }),
            ]);
        }

        return data;
    }

    private static IEnumerable<(string Id, string Title)> Ranked(Question question, Line line) =>
        question.Options.Count > 0
            ? question.Options.Select(option => (option, option))
            : line.Candidates.Select((candidate, i) => (i.ToString(System.Globalization.CultureInfo.InvariantCulture), candidate.Text));
}
