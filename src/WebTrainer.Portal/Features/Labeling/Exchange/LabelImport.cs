using System.Text.Json;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>What an import of answers made.</summary>
/// <param name="LeftOut">What of the file is not in it, in sentences.</param>
public sealed record ImportedTask(Guid Id, IReadOnlyList<string> LeftOut);

/// <summary>Takes over what people labelled elsewhere (<see cref="LabelFiles"/>).</summary>
public sealed class LabelImport(Authorizer authorizer, TaskRows rows)
{
    public const int MaxBytes = 50 * 1024 * 1024;
    public const int MaxRows = 20_000;

    /// <returns>The new task, whose rows are a new dataset; the annotators are known by pseudonyms only.</returns>
    /// <exception cref="RuleViolationException">Nothing of the file can be read; the message says why.</exception>
    public async Task<ImportedTask> ImportAsync(
        Caller caller,
        Guid projectId,
        string name,
        Stream file,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var read = await ReadAsync(file, cancellationToken);
        var questions = read.Questions is { } said ? said.ToDictionary(q => q.Key) : GuessedQuestions.Of(read.Items);
        var canonical = read.Items.Select(Row).ToList();
        var stored = await rows.WriteAsync(canonical.ToAsyncEnumerable(), cancellationToken);
        var dataset = new Dataset(projectId, name, caller.UserId, work.Now);
        var version = new DatasetVersion(
            dataset,
            1,
            VersionKind.Imported,
            stored.Sha256,
            stored.Rows,
            stored.Bytes,
            caller.UserId,
            work.Now
        );
        var people = read.Items.SelectMany(i => i.Sheets.Select(s => s.Person)).Distinct().ToList();
        var overlap = Math.Clamp(read.Items.Max(i => i.Sheets.Count), 1, Math.Min(TaskRules.MostOverlap, people.Count));
        var task = new LabelTask(
            projectId,
            version.Id,
            name,
            questions.Values,
            new TaskRules
            {
                Overlap = overlap,
                MaxOverlap = TaskRules.MostOverlap,
                Order = ItemOrder.AsGiven,
            },
            "{}",
            people.Select(PseudoUser),
            caller.UserId,
            work.Now
        );
        work.Db.AddRange(dataset, version, task);
        foreach (var (ordinal, item) in read.Items.Index())
        {
            work.Db.LabelItems.Add(Item(work, task, ordinal, canonical[ordinal], item, questions, read.Notes));
        }

        await work.Db.SaveWithAuditAsync(work, "labeling.task-imported", task, read.Items.Count, cancellationToken);
        return new ImportedTask(task.Id, read.Notes.Listed);
    }

    /// <summary>Not the id of any account, so that nobody can answer in this name.</summary>
    private static string PseudoUser(string person) => "imported:" + person;

    private static async Task<ImportedFile> ReadAsync(Stream file, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(file);
        var read = LabelFiles.Read(await reader.ReadToEndAsync(cancellationToken));
        var faults = string.Join(" ", read.Notes.Listed.Take(3));
        if (read.Items.Count is 0 or > MaxRows)
        {
            throw new RuleViolationException(
                $"The file has {read.Items.Count} items that can be read; 1 to {MaxRows} can be imported at once. {faults}".TrimEnd()
            );
        }
        // Where marks are asked for, an answer without any says that there is nothing to mark.
        var asksForMarks = read.Questions?.Any(q => q.Kind == QuestionKind.Spans) == true;
        return read.Items.Any(i => i.Sheets.Any(s => asksForMarks || s.Answers.Count > 0))
            ? read
            : throw new RuleViolationException($"No item of this file has an answer. Import it with the data instead. {faults}".TrimEnd());
    }

    private static CanonicalRow Row(ImportedItem item, int place)
    {
        var id = $"row{place + 1:000000}";
        return item.Messages.Count > 0
            ? CanonicalRow.Create(id, place + 1, item.Messages)
            : CanonicalRow.Create(id, place + 1, item.System, item.Text, item.Response);
    }

    private static LabelItem Item(
        ProjectWork work,
        LabelTask task,
        int ordinal,
        CanonicalRow row,
        ImportedItem imported,
        IReadOnlyDictionary<string, Question> questions,
        ExchangeNotes notes
    )
    {
        var candidates = imported.Candidates.Select(c => new ModelAnswer(task.Id, row.Id, c.Model, c.Text, work.Now)).ToList();
        work.Db.ModelAnswers.AddRange(candidates);
        var item = new LabelItem(task.Id, ordinal, row.Id, task.Rules.Overlap, ordinal).WithCandidates(candidates.Select(c => c.Id));
        var shape = ItemContent.Of(row, task.Questions).Shape(candidates.Count);
        if (imported.Sheets.Count > task.Rules.Overlap)
        {
            notes.Add($"Answers of more than {task.Rules.Overlap} people to one item were left out.");
        }

        foreach (var sheet in imported.Sheets.Take(task.Rules.Overlap))
        {
            try
            {
                var accepted = task.Accept(Stored(sheet, questions), shape);
                item.Take(task, PseudoUser(sheet.Person), work.Now);
                item.Submit(task, PseudoUser(sheet.Person), accepted, 0, work.Now);
            }
            catch (RuleViolationException ex)
            {
                notes.Add($"{imported.Where}, annotator {sheet.Person}, was left out: {ex.Message}");
            }
        }

        return item;
    }

    private static Dictionary<string, string> Stored(ImportedSheet sheet, IReadOnlyDictionary<string, Question> questions) =>
        sheet
            .Answers.Where(answer => questions.ContainsKey(answer.Key))
            .ToDictionary(answer => questions[answer.Key].Key, answer => Fitting(questions[answer.Key], answer.Value));

    /// <summary>One choice is a list of one where others chose several.</summary>
    private static string Fitting(Question question, ImportedAnswer answer) =>
        question.Kind == QuestionKind.ChooseMany && answer.Kind != QuestionKind.ChooseMany
            ? JsonSerializer.Serialize(new[] { answer.Value })
            : answer.Value;
}
