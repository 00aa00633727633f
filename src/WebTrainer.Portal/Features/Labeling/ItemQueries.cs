using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Labels;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Labeling;

internal static class ItemQueries
{
    /// <summary>
    /// Items that this person can still answer: held by them, sent back to them, or with a place left; at most what their cap leaves.
    /// </summary>
    public static async Task<int> TodoOfAsync(this AppDb db, LabelTask task, string userId, CancellationToken cancellationToken) =>
        await db.TodoOfAsync(task, userId, await db.FreeItemsAsync(task.Id, cancellationToken), cancellationToken);

    /// <param name="freeItems">As <see cref="FreeItemsAsync"/> told a moment ago.</param>
    public static async Task<int> TodoOfAsync(
        this AppDb db,
        LabelTask task,
        string userId,
        int freeItems,
        CancellationToken cancellationToken
    )
    {
        var mine = db.Assignments.Where(a => a.TaskId == task.Id && a.UserId == userId);
        var waiting = await mine.CountAsync(a => a.State == AssignmentState.Held || a.State == AssignmentState.Returned, cancellationToken);
        var free =
            freeItems
            - await mine.CountAsync(
                a =>
                    a.State != AssignmentState.Lapsed
                    && db.LabelItems.Any(i => i.Id == a.ItemId && i.State == ItemState.Open && i.Places > 0),
                cancellationToken
            );
        if (task.Rules.MaxPerPerson is { } cap)
        {
            free = Math.Clamp(cap - await TakenAsync(db, task, userId, cancellationToken), 0, Math.Max(0, free));
        }

        return waiting + Math.Max(0, free);
    }

    /// <summary>Items that have a place for somebody.</summary>
    public static Task<int> FreeItemsAsync(this AppDb db, Guid taskId, CancellationToken cancellationToken) =>
        db.LabelItems.CountAsync(i => i.TaskId == taskId && i.State == ItemState.Open && i.Places > 0, cancellationToken);

    /// <summary>Items that count against a person's cap.</summary>
    public static Task<int> TakenAsync(this AppDb db, LabelTask task, string userId, CancellationToken cancellationToken) =>
        db.Assignments.CountAsync(
            a =>
                a.TaskId == task.Id
                && a.UserId == userId
                && (a.State == AssignmentState.Held || a.State == AssignmentState.Answered || a.State == AssignmentState.Returned),
            cancellationToken
        );

    /// <exception cref="NotFoundException">Not in this project.</exception>
    /// <exception cref="RuleViolationException">It is damaged.</exception>
    public static async Task<LabelTask> TaskAsync(this ProjectWork work, Guid taskId, CancellationToken cancellationToken) =>
        Whole(
            await work.Db.LabelTasks.SingleOrDefaultAsync(t => t.Id == taskId && t.ProjectId == work.ProjectId, cancellationToken)
                ?? throw new NotFoundException("There is no such task in this project.")
        );

    /// <exception cref="NotFoundException">Not in this project, or not assigned to the caller; they learn no difference.</exception>
    public static async Task<LabelTask> OwnTaskAsync(this ProjectWork work, Guid taskId, CancellationToken cancellationToken)
    {
        var task = await work
            .Db.LabelTasks.AsNoTracking()
            .SingleOrDefaultAsync(t => t.Id == taskId && t.ProjectId == work.ProjectId, cancellationToken);
        return task is not null && task.Assignees.Contains(work.Caller.UserId)
            ? Whole(task)
            : throw new NotFoundException("There is no such task, or it is not assigned to you.");
    }

    private static LabelTask Whole(LabelTask task) => task.Problem is { } problem ? throw new RuleViolationException(problem) : task;

    /// <summary>An item with everybody's assignments.</summary>
    /// <exception cref="NotFoundException">Not in this project.</exception>
    public static async Task<LabelItem> ItemAsync(this ProjectWork work, Guid itemId, CancellationToken cancellationToken) =>
        await work
            .Db.LabelItems.Include(i => i.Assignments)
            .SingleOrDefaultAsync(
                i => i.Id == itemId && work.Db.LabelTasks.Any(t => t.Id == i.TaskId && t.ProjectId == work.ProjectId),
                cancellationToken
            )
        ?? throw new NotFoundException("There is no such item.");

    /// <summary>The version whose rows the task asks about; it can't be deleted while the task stands.</summary>
    public static Task<DatasetVersion> VersionOfAsync(this AppDb db, LabelTask task, CancellationToken cancellationToken) =>
        db.DatasetVersions.AsNoTracking().SingleAsync(v => v.Id == task.DatasetVersionId, cancellationToken);

    /// <summary>
    /// The dataset for rows that are only a part of another's, by that one's name and what they are; made when there is none.
    /// </summary>
    public static async Task<Dataset> DatasetOfAsync(this ProjectWork work, Dataset whole, string part, CancellationToken cancellationToken)
    {
        const int Half = (Dataset.MaxNameLength - 2) / 2;
        var name = $"{Cut(whole.Name)}: {Cut(part)}";
        if (
            await work.Db.Datasets.SingleOrDefaultAsync(d => d.ProjectId == work.ProjectId && d.Name == name, cancellationToken) is
            { } known
        )
        {
            return known;
        }

        var made = new Dataset(work.ProjectId, name, work.Caller.UserId, work.Now);
        work.Db.Datasets.Add(made);
        return made;

        static string Cut(string text) =>
            text.Length <= Half ? text : text[..(char.IsHighSurrogate(text[Half - 2]) ? Half - 2 : Half - 1)] + "…";
    }

    public static Task SaveWithAuditAsync(
        this AppDb db,
        ProjectWork work,
        string action,
        LabelTask task,
        int items,
        CancellationToken cancellationToken
    )
    {
        db.ChangeTracker.DetectChanges();
        work.Audit(
            action,
            task.Id,
            null,
            new
            {
                task.Name,
                Questions = task.Questions.Select(q => q.Key),
                items,
                task.Rules,
                task.Assignees,
                task.Models,
                version = task.DatasetVersionId,
            }
        );
        return work.SaveAsync(cancellationToken);
    }
}
