using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Labeling;

/// <param name="Judged">Answers to items that are approved by now.</param>
/// <param name="Kept">Those of them that were approved as they are.</param>
public sealed record PersonProgress(string UserId, string Name, int Answered, int SentBack, int Judged, int Kept);

public sealed record TaskOverview(
    Guid Id,
    string Name,
    LabelKind Kind,
    string Question,
    IReadOnlyList<string> Options,
    int AnswersPerItem,
    string DatasetName,
    int VersionNumber,
    int Open,
    int InReview,
    int Approved,
    IReadOnlyList<PersonProgress> People,
    bool IsMine,
    bool MayManage,
    bool MayReview,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ClosedAt)
{
    public int Items => Open + InReview + Approved;
}

public sealed record ItemLine(Guid Id, int Ordinal, string Text, ItemState State, IReadOnlyList<string> Answers, string? Final, string? ReturnReason);

public sealed record ItemPage(IReadOnlyList<ItemLine> Items, int Total);

/// <summary>A task as leads and reviewers see it.</summary>
public sealed class TaskOverviews(Authorizer authorizer, TaskRows rows)
{
    public const int MaxPageSize = 50;

    public async Task<TaskOverview> ReadAsync(Caller caller, Guid projectId, Guid taskId, CancellationToken ct)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, ct);
        var task = await work.TaskAsync(taskId, ct);
        var version = await work.Db.DatasetVersions.Include(v => v.Dataset).SingleAsync(v => v.Id == task.DatasetVersionId, ct);
        var states = await work.Db.LabelItems.Where(i => i.TaskId == taskId).GroupBy(i => i.State)
            .Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(s => s.Key, s => s.Count, ct);
        return new TaskOverview(
            task.Id,
            task.Name,
            task.Kind,
            task.Question,
            task.Options,
            task.AnswersPerItem,
            version.Dataset!.Name,
            version.Number,
            states.GetValueOrDefault(ItemState.Open),
            states.GetValueOrDefault(ItemState.InReview),
            states.GetValueOrDefault(ItemState.Approved),
            await PeopleAsync(work, task, ct),
            task.Assignees.Contains(caller.UserId) && work.Role.Allows(Permission.AnswerItems),
            work.Role.Allows(Permission.ManageLabeling),
            work.Role.Allows(Permission.ReviewItems),
            task.CreatedAt,
            task.ClosedAt);
    }

    /// <returns>Null where agreement means nothing.</returns>
    public async Task<TaskAgreement?> AgreementAsync(Caller caller, Guid projectId, Guid taskId, CancellationToken ct)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, ct);
        var task = await work.TaskAsync(taskId, ct);
        var answers = await (from item in work.Db.LabelItems
                             from answer in item.Answers
                             where item.TaskId == taskId && !answer.Returned
                             select new { answer.ItemId, answer.UserId, answer.Value }).ToListAsync(ct);
        return TaskAgreement.Of(task, answers.ConvertAll(a => (a.ItemId, a.UserId, a.Value)));
    }

    /// <param name="state">Only items in this state; all when null.</param>
    public async Task<ItemPage> ItemsAsync(Caller caller, Guid projectId, Guid taskId, ItemState? state, int skip, int take, CancellationToken ct)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, ct);
        var task = await work.TaskAsync(taskId, ct);
        var version = await work.Db.DatasetVersions.SingleAsync(v => v.Id == task.DatasetVersionId, ct);
        var items = work.Db.LabelItems.AsNoTracking().Where(i => i.TaskId == taskId && (state == null || i.State == state));
        var page = await items.OrderBy(i => i.Ordinal).Skip(skip).Take(Math.Min(take, MaxPageSize)).Include(i => i.Answers).ToListAsync(ct);
        var lines = new List<ItemLine>(page.Count);
        foreach (var item in page)
        {
            var row = await rows.FindAsync(version, item.RowId, ct);
            lines.Add(new ItemLine(
                item.Id, item.Ordinal, row.Prompt, item.State, [.. item.Answers.OrderBy(a => a.Id).Select(a => a.Value)], item.Final, item.ReturnReason));
        }

        return new ItemPage(lines, await items.CountAsync(ct));
    }

    private static async Task<IReadOnlyList<PersonProgress>> PeopleAsync(ProjectWork work, LabelTask task, CancellationToken ct)
    {
        var answers = await (from item in work.Db.LabelItems
                             from answer in item.Answers
                             where item.TaskId == task.Id
                             group new { answer.Returned, Judged = item.State == ItemState.Approved, Kept = item.Final == answer.Value } by answer.UserId into person
                             select new
                             {
                                 person.Key,
                                 Answered = person.Count(a => !a.Returned),
                                 SentBack = person.Count(a => a.Returned),
                                 Judged = person.Count(a => a.Judged),
                                 Kept = person.Count(a => a.Judged && a.Kept),
                             }).ToDictionaryAsync(p => p.Key, ct);
        var assignees = task.Assignees;
        var names = await work.Db.Users.Where(u => assignees.Contains(u.Id)).OrderBy(u => u.DisplayName)
            .Select(u => new { u.Id, u.DisplayName }).ToListAsync(ct);
        return
        [
            .. names.Select(n => answers.TryGetValue(n.Id, out var p)
                ? new PersonProgress(n.Id, n.DisplayName, p.Answered, p.SentBack, p.Judged, p.Kept)
                : new PersonProgress(n.Id, n.DisplayName, 0, 0, 0, 0)),
        ];
    }
}
