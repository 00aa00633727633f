using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Labels;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Labeling;

internal static class ItemQueries
{
    /// <summary>Items that this person still has to answer: sent back to them, or with a place left.</summary>
    public static IQueryable<LabelItem> TodoOf(this IQueryable<LabelItem> items, LabelTask task, string userId)
    {
        var (taskId, places) = (task.Id, task.AnswersPerItem);
        return items.Where(i => i.TaskId == taskId && i.State == ItemState.Open
            && (i.Answers.Any(a => a.UserId == userId && a.Returned)
                || i.Answers.All(a => a.UserId != userId) && i.Answers.Count < places));
    }

    /// <exception cref="NotFoundException">Not in this project.</exception>
    public static async Task<LabelTask> TaskAsync(this ProjectWork work, Guid taskId, CancellationToken ct) =>
        await work.Db.LabelTasks.SingleOrDefaultAsync(t => t.Id == taskId && t.ProjectId == work.ProjectId, ct)
        ?? throw new NotFoundException("There is no such task in this project.");

    /// <exception cref="NotFoundException">Not in this project, or not assigned to the caller; they learn no difference.</exception>
    public static async Task<LabelTask> OwnTaskAsync(this ProjectWork work, Guid taskId, CancellationToken ct)
    {
        var task = await work.Db.LabelTasks.AsNoTracking().SingleOrDefaultAsync(t => t.Id == taskId && t.ProjectId == work.ProjectId, ct);
        return task is not null && task.Assignees.Contains(work.Caller.UserId)
            ? task
            : throw new NotFoundException("There is no such task, or it is not assigned to you.");
    }
}
