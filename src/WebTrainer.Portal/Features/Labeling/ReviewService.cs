using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Labeling;

public sealed record GivenAnswer(string Person, string Value, DateTimeOffset At);

/// <param name="Revision">What the reviewer saw; a decision about anything else is refused.</param>
public sealed record ReviewItem(Guid Id, int Ordinal, int Revision, ItemContent Content, IReadOnlyList<GivenAnswer> Answers);

/// <param name="Item">Null when nothing waits in that direction.</param>
/// <param name="Own">Items with the caller's own single answer, which somebody else reviews.</param>
public sealed record ReviewDesk(AnswerTask Task, ReviewItem? Item, int Waiting, int Own, int Approved, int Total);

/// <summary>One reviewer at work: an item with its answers, to accept, correct or send back.</summary>
public sealed class ReviewService(Authorizer authorizer, TaskRows rows)
{
    /// <summary>The item that waits next to <paramref name="from"/>, or the first that waits when there is none further on.</summary>
    public async Task<ReviewDesk> GoAsync(Caller caller, Guid projectId, Guid taskId, int from, bool forward, CancellationToken ct)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ReviewItems, ct);
        var task = await work.TaskAsync(taskId, ct);
        var all = work.Db.LabelItems.AsNoTracking().Where(i => i.TaskId == taskId);
        var waiting = Reviewable(all, task, caller.UserId);
        var ahead = forward
            ? waiting.OrderByDescending(i => i.Ordinal > from).ThenBy(i => i.Ordinal)
            : waiting.OrderByDescending(i => i.Ordinal < from).ThenByDescending(i => i.Ordinal);
        var item = await ahead.Include(i => i.Answers).FirstOrDefaultAsync(ct);
        var waitingCount = await waiting.CountAsync(ct);
        var own = await all.CountAsync(i => i.State == ItemState.InReview, ct) - waitingCount;
        return new ReviewDesk(
            new AnswerTask(task.Id, task.Name, task.Kind, task.Question, task.Options, task.ClosedAt is not null),
            item is null ? null : await ViewAsync(work, task, item, ct),
            waitingCount,
            own,
            await all.CountAsync(i => i.State == ItemState.Approved, ct),
            await all.CountAsync(ct));
    }

    /// <summary>Takes an answer, or the reviewer's better one.</summary>
    public async Task ApproveAsync(Caller caller, Guid projectId, Guid itemId, int revision, string value, CancellationToken ct)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ReviewItems, ct);
        var (task, item) = await ItemAsync(work, itemId, revision, ct);
        item.Approve(task, caller.UserId, value, work.Now);
        work.Audit("labeling.approved", itemId, null, new { corrected = !item.Answers.Exists(a => a.Value == item.Final) });
        await work.SaveAsync(ct);
    }

    /// <summary>Sends the item back to those who answered it, with the reason that they will read.</summary>
    public async Task ReturnAsync(Caller caller, Guid projectId, Guid itemId, int revision, string reason, CancellationToken ct)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ReviewItems, ct);
        var (_, item) = await ItemAsync(work, itemId, revision, ct);
        item.Return(caller.UserId, reason, work.Now);
        work.Audit("labeling.returned", itemId, null, new { item.ReturnReason });
        await work.SaveAsync(ct);
    }

    private static IQueryable<LabelItem> Reviewable(IQueryable<LabelItem> items, LabelTask task, string reviewer)
    {
        var waiting = items.Where(i => i.State == ItemState.InReview);
        return task.AnswersPerItem == 1 ? waiting.Where(i => i.Answers.All(a => a.UserId != reviewer)) : waiting;
    }

    private static async Task<(LabelTask Task, LabelItem Item)> ItemAsync(ProjectWork work, Guid itemId, int revision, CancellationToken ct)
    {
        var item = await work.Db.LabelItems.Include(i => i.Answers).SingleOrDefaultAsync(i => i.Id == itemId, ct)
            ?? throw new NotFoundException("There is no such item.");
        var task = await work.TaskAsync(item.TaskId, ct);
        return item.Revision == revision
            ? (task, item)
            : throw new ConflictException("This item was changed a moment ago, so what you saw is no longer what it says. Look at it again.");
    }

    private async Task<ReviewItem> ViewAsync(ProjectWork work, LabelTask task, LabelItem item, CancellationToken ct)
    {
        var version = await work.Db.DatasetVersions.AsNoTracking().SingleAsync(v => v.Id == task.DatasetVersionId, ct);
        var row = await rows.FindAsync(version, item.RowId, ct);
        var people = item.Answers.ConvertAll(a => a.UserId);
        var names = await work.Db.Users.Where(u => people.Contains(u.Id)).ToDictionaryAsync(u => u.Id, u => u.DisplayName, ct);
        return new ReviewItem(
            item.Id, item.Ordinal, item.Revision, ItemContent.Of(row),
            [.. item.Answers.OrderBy(a => a.Id).Select(a => new GivenAnswer(names[a.UserId], a.Value, a.At))]);
    }
}
