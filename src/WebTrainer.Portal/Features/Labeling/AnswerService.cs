using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>Where a person goes from the item before them.</summary>
public enum AnswerMove
{
    /// <summary>To what waits for an answer: sent-back items first, then the next in order, then what was left out.</summary>
    Next,
    Forward,
    Back,

    /// <summary>To the answer given before this one, to change it.</summary>
    Undo,
}

public sealed record AnswerTask(Guid Id, string Name, LabelKind Kind, string Question, IReadOnlyList<string> Options, bool Closed);

/// <param name="Mine">The caller's answer, if there is one.</param>
/// <param name="ReturnReason">Why a reviewer sent it back; null when it was not.</param>
public sealed record AnswerItem(
    Guid Id, int Ordinal, ItemContent Content, string? Mine, DateTimeOffset? AnsweredAt, string? ReturnReason, bool Approved);

/// <param name="Item">Null when there is nothing in that direction.</param>
/// <param name="Total">What the caller has answered and can still answer.</param>
public sealed record AnswerDesk(AnswerTask Task, AnswerItem? Item, int Done, int Total, double? SecondsLeft);

/// <summary>One expert at work: an item at a time, each answer kept at once and open to change until it is approved.</summary>
public sealed class AnswerService(Authorizer authorizer, TaskRows rows, Handouts handouts)
{
    /// <summary>As many as can race for one item, so that each of them gets its turn.</summary>
    private const int MaxTries = LabelTask.MaxAnswersPerItem + 1;

    /// <summary>Candidates read at once; enough to step over what other people hold.</summary>
    private const int BatchSize = 100;

    /// <param name="fromItem">The item before the caller; null at the beginning.</param>
    public async Task<AnswerDesk> GoAsync(Caller caller, Guid projectId, Guid taskId, AnswerMove move, Guid? fromItem, CancellationToken ct)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.AnswerItems, ct);
        var task = await work.OwnTaskAsync(taskId, ct);
        var from = await work.Db.LabelItems.AsNoTracking().Include(i => i.Answers).SingleOrDefaultAsync(i => i.Id == fromItem && i.TaskId == taskId, ct);
        var item = move switch
        {
            AnswerMove.Next => await NextAsync(work, task, from?.Ordinal ?? -1, ct),
            AnswerMove.Forward => await ForwardAsync(work, task, from?.Ordinal ?? -1, ct),
            AnswerMove.Back => await BackAsync(work, task, from?.Ordinal ?? int.MaxValue, ct),
            AnswerMove.Undo => await LastAnsweredAsync(work, task, from, ct),
            _ => throw new ArgumentOutOfRangeException(nameof(move), move, null),
        };
        return await DeskAsync(work, task, item, ct);
    }

    /// <summary>Keeps an answer. Two people who answer one item at once are told apart by the item's own rules.</summary>
    public async Task AnswerAsync(Caller caller, Guid projectId, Guid itemId, string value, CancellationToken ct)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                await TryAnswerAsync(caller, projectId, itemId, value, ct);
                return;
            }
            catch (ConflictException) when (tried < MaxTries)
            {
                // Somebody else's answer to this item was first. Read it again: there may be a place left.
            }
        }
    }

    /// <summary>Gives back items that were handed out and not answered.</summary>
    public void Leave(Caller caller) => handouts.LetGo(caller.UserId);

    private async Task TryAnswerAsync(Caller caller, Guid projectId, Guid itemId, string value, CancellationToken ct)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.AnswerItems, ct);
        var item = await work.Db.LabelItems.Include(i => i.Answers).SingleOrDefaultAsync(i => i.Id == itemId, ct)
            ?? throw new NotFoundException("There is no such item.");
        var task = await work.OwnTaskAsync(item.TaskId, ct);
        item.Answer(task, caller.UserId, value, work.Now);
        work.Audit("labeling.answered", itemId);
        await work.SaveAsync(ct);
    }

    private async Task<LabelItem?> NextAsync(ProjectWork work, LabelTask task, int from, CancellationToken ct)
    {
        if (task.ClosedAt is not null)
            return null;
        var me = work.Caller.UserId;
        var todo = work.Db.LabelItems.AsNoTracking().TodoOf(task, me)
            .OrderByDescending(i => i.Answers.Any(a => a.UserId == me))
            .ThenByDescending(i => i.Ordinal > from)
            .ThenBy(i => i.Ordinal);
        return await TakeFirstAsync(todo, task, me, ct);
    }

    private async Task<LabelItem?> ForwardAsync(ProjectWork work, LabelTask task, int from, CancellationToken ct)
    {
        var me = work.Caller.UserId;
        var items = work.Db.LabelItems.AsNoTracking();
        var answered = items.Where(i => i.TaskId == task.Id && i.Answers.Any(a => a.UserId == me));
        var open = task.ClosedAt is null ? items.TodoOf(task, me).Select(i => i.Id).Union(answered.Select(i => i.Id)) : answered.Select(i => i.Id);
        var ahead = items.Where(i => open.Contains(i.Id) && i.Ordinal > from).OrderBy(i => i.Ordinal);
        return await TakeFirstAsync(ahead, task, me, ct);
    }

    private async Task<LabelItem?> BackAsync(ProjectWork work, LabelTask task, int from, CancellationToken ct)
    {
        var me = work.Caller.UserId;
        var held = handouts.HeldBy(me);
        return await work.Db.LabelItems.AsNoTracking().Include(i => i.Answers)
            .Where(i => i.TaskId == task.Id && i.Ordinal < from && (held.Contains(i.Id) || i.Answers.Any(a => a.UserId == me)))
            .OrderByDescending(i => i.Ordinal).FirstOrDefaultAsync(ct);
    }

    private static async Task<LabelItem?> LastAnsweredAsync(ProjectWork work, LabelTask task, LabelItem? from, CancellationToken ct)
    {
        var me = work.Caller.UserId;
        var before = from?.Answers.Find(a => a.UserId == me)?.At ?? DateTimeOffset.MaxValue;
        var fromId = from?.Id;
        var last = await (from item in work.Db.LabelItems
                          from answer in item.Answers
                          where item.TaskId == task.Id && item.Id != fromId && answer.UserId == me && answer.At <= before
                          orderby answer.At descending, item.Ordinal descending
                          select (Guid?)item.Id).FirstOrDefaultAsync(ct);
        return last is null ? null : await work.Db.LabelItems.AsNoTracking().Include(i => i.Answers).SingleAsync(i => i.Id == last, ct);
    }

    private async Task<LabelItem?> TakeFirstAsync(IQueryable<LabelItem> candidates, LabelTask task, string me, CancellationToken ct)
    {
        for (var skip = 0; ; skip += BatchSize)
        {
            var batch = await candidates.Skip(skip).Take(BatchSize).Include(i => i.Answers).AsSplitQuery().ToListAsync(ct);
            var taken = batch.Find(i => i.Answers.Exists(a => a.UserId == me)
                || handouts.TryTake(i.Id, me, i.Answers.Select(a => a.UserId), task.AnswersPerItem));
            if (taken is not null || batch.Count < BatchSize)
                return taken;
        }
    }

    private async Task<AnswerDesk> DeskAsync(ProjectWork work, LabelTask task, LabelItem? item, CancellationToken ct)
    {
        var me = work.Caller.UserId;
        var todo = task.ClosedAt is null ? await work.Db.LabelItems.TodoOf(task, me).CountAsync(ct) : 0;
        var mine = from i in work.Db.LabelItems
                   from answer in i.Answers
                   where i.TaskId == task.Id && answer.UserId == me && !answer.Returned
                   select answer.At;
        var done = await mine.CountAsync(ct);
        var latest = await mine.OrderByDescending(at => at).Take(Pace.Window + 1).ToListAsync(ct);
        var view = item is null ? null : await ViewAsync(work, task, item, ct);
        return new AnswerDesk(
            new AnswerTask(task.Id, task.Name, task.Kind, task.Question, task.Options, task.ClosedAt is not null),
            view, done, done + todo, Pace.SecondsLeft(latest, todo));
    }

    private async Task<AnswerItem> ViewAsync(ProjectWork work, LabelTask task, LabelItem item, CancellationToken ct)
    {
        var version = await work.Db.DatasetVersions.AsNoTracking().SingleAsync(v => v.Id == task.DatasetVersionId, ct);
        var row = await rows.FindAsync(version, item.RowId, ct);
        var mine = item.Answers.Find(a => a.UserId == work.Caller.UserId);
        return new AnswerItem(
            item.Id, item.Ordinal, ItemContent.Of(row), mine?.Value, mine?.At, mine?.Returned == true ? item.ReturnReason : null,
            item.State == ItemState.Approved);
    }
}
