using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Labeling;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>What a lead fills in to hand out work.</summary>
public sealed record NewTaskDraft
{
    public required Guid VersionId { get; init; }
    public required string Name { get; init; }
    public required IReadOnlyList<Question> Questions { get; init; }
    public string Guidelines { get; init; } = "";
    public TaskRules Rules { get; init; } = new();
    public required IReadOnlyList<string> Assignees { get; init; }
    public RowChoice Rows { get; init; } = new();

    /// <summary>So many of the rows, drawn among those whose label answers the first question to choose, become gold items.</summary>
    public int GoldItems { get; init; }

    /// <summary>Only these rows, where something else chose them; all that <see cref="Rows"/> chooses when null.</summary>
    public HashSet<string>? RowIds { get; init; }

    /// <summary>What a model or rule would answer, by row.</summary>
    public IReadOnlyDictionary<string, string>? Suggestions { get; init; }

    /// <summary>Who suggests it.</summary>
    public string SuggestedBy { get; init; } = "dataset";

    /// <summary>How unsure a model is of each row, 0 to 1, for <see cref="ItemOrder.Uncertainty"/>.</summary>
    public IReadOnlyDictionary<string, double>? Uncertainty { get; init; }
}

public sealed record VersionChoice(Guid Id, string DatasetName, int Number, VersionKind Kind, long Rows);

public sealed record PersonChoice(string UserId, string Name, ProjectRole Role);

/// <summary>What the form of a new task offers.</summary>
public sealed record TaskForm(IReadOnlyList<VersionChoice> Versions, IReadOnlyList<PersonChoice> People);

/// <param name="Mine">Items that wait for the caller's answer.</param>
/// <param name="Problem">Why nothing can be done with it; null where all is well.</param>
public sealed record TaskSummary(
    Guid Id,
    string Name,
    string Asks,
    int Items,
    int Open,
    int InReview,
    int Done,
    int Mine,
    bool IsMine,
    bool IsPaused,
    bool IsArena,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ClosedAt,
    string? Problem
);

/// <param name="SeesAll">False for people who see only what is assigned to them.</param>
public sealed record TaskList(IReadOnlyList<TaskSummary> Tasks, bool SeesAll, bool MayManage, bool MayReview);

/// <summary>Tasks for experts: made, listed, paused and closed.</summary>
public sealed class LabelingService(Authorizer authorizer, TaskRows rows)
{
    /// <summary>With fewer decided items an order learned from them would be chance.</summary>
    public const int MinToLearn = 20;

    public async Task<TaskList> ListAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Enter, cancellationToken);
        var seesAll = work.Role.Allows(Permission.ViewResults);
        var tasks = await work.Db.LabelTasks.AsNoTracking().Where(t => t.ProjectId == projectId).ToListAsync(cancellationToken);
        var counts = await (
            from item in work.Db.LabelItems
            join task in work.Db.LabelTasks on item.TaskId equals task.Id
            where task.ProjectId == projectId && !item.IsGold
            group item by new { item.TaskId, item.State } into states
            select new { states.Key, Count = states.Count() }
        ).ToDictionaryAsync(s => (s.Key.TaskId, s.Key.State), s => s.Count, cancellationToken);
        var list = new List<TaskSummary>();
        foreach (
            var task in tasks
                .Where(t => seesAll || t.Assignees.Contains(caller.UserId))
                .OrderBy(t => t.ClosedAt is not null)
                .ThenByDescending(t => t.CreatedAt)
        )
        {
            int Count(ItemState state) => counts.GetValueOrDefault((task.Id, state));
            var isMine = task.Assignees.Contains(caller.UserId) && work.Role.Allows(Permission.AnswerItems);
            var mine =
                isMine && task.IsOpen && task.Problem is null ? await work.Db.TodoOfAsync(task, caller.UserId, cancellationToken) : 0;
            var (open, inReview, done) = (
                Count(ItemState.Open),
                Count(ItemState.InReview),
                Count(ItemState.Approved) + Count(ItemState.Agreed)
            );
            list.Add(
                new TaskSummary(
                    task.Id,
                    task.Name,
                    AnswerWords.Asks(task.Questions),
                    open + inReview + done,
                    open,
                    inReview,
                    done,
                    mine,
                    isMine,
                    task.PausedAt is not null,
                    task.Models.Count > 0,
                    task.CreatedAt,
                    task.ClosedAt,
                    task.Problem
                )
            );
        }

        return new TaskList(list, seesAll, work.Role.Allows(Permission.ManageLabeling), work.Role.Allows(Permission.ReviewItems));
    }

    public async Task<TaskForm> FormAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var versions = await work
            .Db.DatasetVersions.Where(v => v.ProjectId == projectId)
            .OrderBy(v => v.Dataset!.Name)
            .ThenByDescending(v => v.Number)
            .Select(v => new VersionChoice(v.Id, v.Dataset!.Name, v.Number, v.Kind, v.Rows))
            .ToListAsync(cancellationToken);
        return new TaskForm(versions, await PeopleAsync(work, cancellationToken));
    }

    /// <summary>Labels that the version's rows already have, to start the options with.</summary>
    public async Task<IReadOnlyList<string>> LabelsAsync(Caller caller, Guid projectId, Guid versionId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        return await rows.LabelsAsync(await work.VersionAsync(versionId, cancellationToken), cancellationToken);
    }

    /// <summary>The first row that a task would take, for the preview.</summary>
    public async Task<ItemContent?> PreviewAsync(
        Caller caller,
        Guid projectId,
        Guid versionId,
        RowChoice choice,
        IReadOnlyList<Question> questions,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var version = await work.VersionAsync(versionId, cancellationToken);
        await work.NoteReadAsync("dataset.rows-read", versionId, cancellationToken);
        await foreach (var row in rows.ReadAsync(version, cancellationToken))
        {
            if (choice.Contains is not { Length: > 0 } text || new SearchPhrase(text).IsIn(row.Prompt))
            {
                return ItemContent.Of(row, questions);
            }
        }

        return null;
    }

    public async Task<Guid> CreateAsync(Caller caller, Guid projectId, NewTaskDraft draft, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var version = await work.VersionAsync(draft.VersionId, cancellationToken);
        var task = await MakeAsync(work, version, draft, cancellationToken);
        if (task.Questions.Exists(q => q.Kind == QuestionKind.BestOfTwo || q is { Kind: QuestionKind.Rank, Options.Count: 0 }))
        {
            throw new RuleViolationException(
                "Comparing needs several responses to a prompt. Make it as a comparison of models (Compare models), which has them written."
            );
        }

        var chosen = await rows.ChooseAsync(version, draft.Rows, cancellationToken);
        if (draft.RowIds is { } ids)
        {
            chosen = [.. chosen.Where(row => ids.Contains(row.Id))];
        }

        if (chosen.Count == 0)
        {
            throw new RuleViolationException("None of the rows that were chosen is in this version.");
        }

        work.Db.LabelTasks.Add(task);
        work.Db.LabelItems.AddRange(Items(task, chosen, draft));
        await work.Db.SaveWithAuditAsync(work, "labeling.task-created", task, chosen.Count, cancellationToken);
        return task.Id;
    }

    /// <summary>The task itself, with its people checked.</summary>
    internal static async Task<LabelTask> MakeAsync(
        ProjectWork work,
        DatasetVersion version,
        NewTaskDraft draft,
        CancellationToken cancellationToken
    )
    {
        var people = (await PeopleAsync(work, cancellationToken)).Select(p => p.UserId).ToHashSet();
        var task = new LabelTask(
            work.ProjectId,
            version.Id,
            draft.Name,
            draft.Questions,
            draft.Rules,
            JsonSerializer.Serialize(draft.Rows, JsonSerializerOptions.Web),
            draft.Assignees.Where(people.Contains),
            work.Caller.UserId,
            work.Now
        );
        task.WriteGuidelines(draft.Guidelines, work.Caller.UserId, work.Now);
        return task;
    }

    public Task PauseAsync(Caller caller, Guid projectId, Guid taskId, CancellationToken cancellationToken) =>
        ChangeAsync(caller, projectId, taskId, "labeling.task-paused", (task, work) => task.Pause(work.Now), cancellationToken);

    public Task ResumeAsync(Caller caller, Guid projectId, Guid taskId, CancellationToken cancellationToken) =>
        ChangeAsync(caller, projectId, taskId, "labeling.task-resumed", (task, _) => task.Resume(), cancellationToken);

    public Task CloseAsync(Caller caller, Guid projectId, Guid taskId, CancellationToken cancellationToken) =>
        ChangeAsync(caller, projectId, taskId, "labeling.task-closed", (task, work) => task.Close(work.Now), cancellationToken);

    /// <summary>Writes the next version of the guidelines; everybody sees it at their next item.</summary>
    public Task WriteGuidelinesAsync(Caller caller, Guid projectId, Guid taskId, string markdown, CancellationToken cancellationToken) =>
        ChangeAsync(
            caller,
            projectId,
            taskId,
            "labeling.guidelines-written",
            (task, work) => task.WriteGuidelines(markdown, work.Caller.UserId, work.Now),
            cancellationToken
        );

    public Task FollowAsync(Caller caller, Guid projectId, Guid taskId, TaskRules rules, CancellationToken cancellationToken) =>
        ChangeAsync(caller, projectId, taskId, "labeling.rules-changed", (task, _) => task.Follow(rules), cancellationToken);

    public async Task AskAsync(
        Caller caller,
        Guid projectId,
        Guid taskId,
        IReadOnlyList<Question> questions,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var task = await work.TaskAsync(taskId, cancellationToken);
        task.Ask(questions, await work.Db.Assignments.AnyAsync(a => a.TaskId == taskId && a.Values != null, cancellationToken));
        work.Audit("labeling.questions-changed", taskId, null, new { task.QuestionsVersion });
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>Learns from the items that are done which open ones a small model is least sure of, and hands those out first.</summary>
    /// <returns>Items in their new order.</returns>
    public async Task<int> LearnOrderAsync(Caller caller, Guid projectId, Guid taskId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var task = await work.TaskAsync(taskId, cancellationToken);
        if (task.Rules.Order != ItemOrder.Uncertainty || task.Find(QuestionKind.Choose) is not { } question)
        {
            throw new RuleViolationException(
                "This needs a question to choose one label, and the order 'what a model is least sure of first'."
            );
        }

        var version = await work.VersionAsync(task.DatasetVersionId, cancellationToken);
        var items = await work.Db.LabelItems.Where(i => i.TaskId == taskId && !i.IsGold).ToListAsync(cancellationToken);
        var byRow = items.ToDictionary(i => i.RowId);
        var texts = new Dictionary<Guid, string>();
        await foreach (var row in rows.ReadAsync(version, cancellationToken))
        {
            if (byRow.TryGetValue(row.Id, out var item))
            {
                texts[item.Id] = row.Prompt;
            }
        }

        var known = items
            .Where(i => i.Final is not null)
            .Select(i => (texts[i.Id], Label: QuestionForm.Read(i.Final).GetValueOrDefault(question.Key)))
            .Where(k => k.Label is not null)
            .Select(k => (k.Item1, k.Label!))
            .ToList();
        if (known.Count < MinToLearn)
        {
            throw new RuleViolationException($"{known.Count} items are done; a model needs {MinToLearn} to learn from.");
        }

        var model = new TextUncertainty(known);
        var open = items.Where(i => i.State == ItemState.Open).ToList();
        foreach (var item in open)
        {
            item.Prefer(model.Of(texts[item.Id]));
        }

        work.Audit("labeling.order-learned", taskId, null, new { known = known.Count, open = open.Count });
        await work.SaveAsync(cancellationToken);
        return open.Count;
    }

    /// <summary>Makes a decided item one whose answer is known, for those who have not had it.</summary>
    public async Task MakeGoldAsync(Caller caller, Guid projectId, Guid itemId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var item = await work.ItemAsync(itemId, cancellationToken);
        item.AsGold(item.Final ?? throw new RuleViolationException("Decide this item first; its final answer becomes the known one."));
        work.Audit("labeling.gold-made", itemId);
        await work.SaveAsync(cancellationToken);
    }

    private async Task ChangeAsync(
        Caller caller,
        Guid projectId,
        Guid taskId,
        string action,
        Action<LabelTask, ProjectWork> change,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var task = await work.TaskAsync(taskId, cancellationToken);
        change(task, work);
        work.Audit(action, taskId, null, new { task.Rules, task.GuidelinesVersion });
        await work.SaveAsync(cancellationToken);
    }

    private static IEnumerable<LabelItem> Items(LabelTask task, IReadOnlyList<CanonicalRow> chosen, NewTaskDraft draft)
    {
        var order = task.Rules.Order == ItemOrder.Diversity ? Diversity.Ranks([.. chosen.Select(r => r.Prompt)], draft.Rows.Seed) : null;
        var random = new Random(draft.Rows.Seed);
        var gold = Gold(task, chosen, draft.GoldItems, random);
        foreach (var (ordinal, row) in chosen.Index())
        {
            var shuffle = task.Rules.Order == ItemOrder.AsGiven ? ordinal : order?[ordinal] ?? random.Next();
            var item = new LabelItem(
                task.Id,
                ordinal,
                row.Id,
                task.Rules.Overlap,
                shuffle,
                draft.Uncertainty?.GetValueOrDefault(row.Id) ?? 0
            );
            if (draft.Suggestions?.TryGetValue(row.Id, out var suggestion) == true)
            {
                item.WithSuggestion(suggestion, draft.SuggestedBy);
            }

            if (gold.TryGetValue(row.Id, out var expected))
            {
                item.AsGold(expected);
            }

            yield return item;
        }
    }

    private static Dictionary<string, string> Gold(LabelTask task, IReadOnlyList<CanonicalRow> chosen, int count, Random random)
    {
        if (count == 0)
        {
            return [];
        }

        var question =
            task.Find(QuestionKind.Choose) ?? throw new RuleViolationException("Gold items need a question to choose one label.");
        var known = chosen.Where(r => r.Label is not null && question.Options.Contains(r.Label)).ToArray();
        if (known.Length < count)
        {
            throw new RuleViolationException(
                $"Only {known.Length} of the rows have a label that answers '{question.Key}'; ask for as many gold items at most."
            );
        }

        random.Shuffle(known);
        return known
            .Take(count)
            .ToDictionary(r => r.Id, r => QuestionForm.Write(new Dictionary<string, string> { [question.Key] = r.Label! }));
    }

    /// <summary>Members whose role lets them answer.</summary>
    internal static async Task<IReadOnlyList<PersonChoice>> PeopleAsync(ProjectWork work, CancellationToken cancellationToken)
    {
        var members = await (
            from member in work.Db.Memberships
            join user in work.Db.Users on member.UserId equals user.Id
            where member.ProjectId == work.ProjectId && !user.IsDisabled
            orderby user.DisplayName
            select new PersonChoice(user.Id, user.DisplayName, member.Role)
        ).ToListAsync(cancellationToken);
        return [.. members.Where(m => m.Role.Allows(Permission.AnswerItems))];
    }
}
