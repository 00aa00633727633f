using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>What a lead fills in to hand out work.</summary>
public sealed record NewTaskDraft
{
    public required Guid VersionId { get; init; }
    public required string Name { get; init; }
    public required LabelKind Kind { get; init; }
    public required string Question { get; init; }
    public IReadOnlyList<string> Options { get; init; } = [];
    public int AnswersPerItem { get; init; } = 1;
    public required IReadOnlyList<string> Assignees { get; init; }
    public RowChoice Rows { get; init; } = new();
}

public sealed record VersionChoice(Guid Id, string DatasetName, int Number, VersionKind Kind, long Rows);

public sealed record PersonChoice(string UserId, string Name, ProjectRole Role);

/// <summary>What the form of a new task offers.</summary>
public sealed record TaskForm(IReadOnlyList<VersionChoice> Versions, IReadOnlyList<PersonChoice> People);

/// <param name="Mine">Items that wait for the caller's answer.</param>
public sealed record TaskSummary(
    Guid Id, string Name, LabelKind Kind, int Items, int Open, int InReview, int Approved, int Mine, bool IsMine, DateTimeOffset CreatedAt, DateTimeOffset? ClosedAt);

/// <param name="SeesAll">False for people who see only what is assigned to them.</param>
public sealed record TaskList(IReadOnlyList<TaskSummary> Tasks, bool SeesAll, bool MayManage, bool MayReview);

/// <summary>Tasks for experts: made, listed and closed.</summary>
public sealed class LabelingService(Authorizer authorizer, TaskRows rows)
{
    public async Task<TaskList> ListAsync(Caller caller, Guid projectId, CancellationToken ct)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Enter, ct);
        var seesAll = work.Role.Allows(Permission.ViewResults);
        var tasks = await work.Db.LabelTasks.AsNoTracking().Where(t => t.ProjectId == projectId).ToListAsync(ct);
        var counts = await (from item in work.Db.LabelItems
                            join task in work.Db.LabelTasks on item.TaskId equals task.Id
                            where task.ProjectId == projectId
                            group item by new { item.TaskId, item.State } into states
                            select new { states.Key, Count = states.Count() }).ToDictionaryAsync(s => (s.Key.TaskId, s.Key.State), s => s.Count, ct);
        var list = new List<TaskSummary>();
        foreach (var task in tasks.Where(t => seesAll || t.Assignees.Contains(caller.UserId)).OrderBy(t => t.ClosedAt is not null).ThenByDescending(t => t.CreatedAt))
        {
            int Count(ItemState state) => counts.GetValueOrDefault((task.Id, state));
            var isMine = task.Assignees.Contains(caller.UserId) && work.Role.Allows(Permission.AnswerItems);
            var mine = isMine && task.ClosedAt is null ? await work.Db.LabelItems.TodoOf(task, caller.UserId).CountAsync(ct) : 0;
            var (open, inReview, approved) = (Count(ItemState.Open), Count(ItemState.InReview), Count(ItemState.Approved));
            list.Add(new TaskSummary(
                task.Id, task.Name, task.Kind, open + inReview + approved, open, inReview, approved, mine, isMine, task.CreatedAt, task.ClosedAt));
        }

        return new TaskList(list, seesAll, work.Role.Allows(Permission.ManageLabeling), work.Role.Allows(Permission.ReviewItems));
    }

    public async Task<TaskForm> FormAsync(Caller caller, Guid projectId, CancellationToken ct)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, ct);
        var versions = await work.Db.DatasetVersions.Where(v => v.ProjectId == projectId)
            .OrderBy(v => v.Dataset!.Name).ThenByDescending(v => v.Number)
            .Select(v => new VersionChoice(v.Id, v.Dataset!.Name, v.Number, v.Kind, v.Rows)).ToListAsync(ct);
        return new TaskForm(versions, await PeopleAsync(work, ct));
    }

    /// <summary>Labels that the version's rows already have, to start the options with.</summary>
    public async Task<IReadOnlyList<string>> LabelsAsync(Caller caller, Guid projectId, Guid versionId, CancellationToken ct)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, ct);
        return await rows.LabelsAsync(await VersionAsync(work, versionId, ct), ct);
    }

    public async Task<Guid> CreateAsync(Caller caller, Guid projectId, NewTaskDraft draft, CancellationToken ct)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, ct);
        var version = await VersionAsync(work, draft.VersionId, ct);
        var people = (await PeopleAsync(work, ct)).Select(p => p.UserId).ToHashSet();
        var assignees = draft.Assignees.Where(people.Contains);
        var task = new LabelTask(
            projectId, version.Id, draft.Name, draft.Kind, draft.Question, draft.Options, draft.AnswersPerItem, assignees, caller.UserId, work.Now);
        var chosen = await rows.ChooseAsync(version, draft.Kind, draft.Rows, ct);
        work.Db.LabelTasks.Add(task);
        work.Db.LabelItems.AddRange(chosen.Select((rowId, place) => new LabelItem(task.Id, place, rowId)));
        work.Audit("labeling.task-created", task.Id, null, new
        {
            task.Name, task.Kind, task.DatasetVersionId, Items = chosen.Count, draft.Rows, task.AnswersPerItem, task.Assignees,
        });
        await work.SaveAsync(ct);
        return task.Id;
    }

    /// <summary>Ends the answering; what is answered can still be reviewed.</summary>
    public async Task CloseAsync(Caller caller, Guid projectId, Guid taskId, CancellationToken ct)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, ct);
        var task = await work.TaskAsync(taskId, ct);
        task.Close(work.Now);
        work.Audit("labeling.task-closed", taskId);
        await work.SaveAsync(ct);
    }

    private static async Task<DatasetVersion> VersionAsync(ProjectWork work, Guid versionId, CancellationToken ct) =>
        await work.Db.DatasetVersions.SingleOrDefaultAsync(v => v.Id == versionId && v.ProjectId == work.ProjectId, ct)
        ?? throw new NotFoundException("There is no such dataset version in this project.");

    /// <summary>Members whose role lets them answer.</summary>
    private static async Task<IReadOnlyList<PersonChoice>> PeopleAsync(ProjectWork work, CancellationToken ct)
    {
        var members = await (from member in work.Db.Memberships
                             join user in work.Db.Users on member.UserId equals user.Id
                             where member.ProjectId == work.ProjectId && !user.IsDisabled
                             orderby user.DisplayName
                             select new PersonChoice(user.Id, user.DisplayName, member.Role)).ToListAsync(ct);
        return [.. members.Where(m => m.Role.Allows(Permission.AnswerItems))];
    }
}
