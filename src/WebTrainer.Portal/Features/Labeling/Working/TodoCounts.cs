using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Labels;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>
/// How much is left for a person. Counting a hundred thousand items at each answer would be most of its cost, so that in large tasks the
/// number is counted anew only now and then, and goes down by one with each answer meanwhile.
/// </summary>
public sealed class TodoCounts(TimeProvider time)
{
    private const int SmallTask = 2_000;
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<(Guid Task, string User), (int Count, DateTimeOffset Until)> _known = new();
    private readonly ConcurrentDictionary<Guid, (int Count, DateTimeOffset Until)> _free = new();
    private readonly ConcurrentDictionary<Guid, bool> _isSmall = new();

    public async Task<int> OfAsync(ProjectWork work, LabelTask task, CancellationToken cancellationToken)
    {
        if (!_isSmall.TryGetValue(task.Id, out var small))
        {
            _isSmall[task.Id] = small = await work.Db.LabelItems.CountAsync(i => i.TaskId == task.Id, cancellationToken) <= SmallTask;
        }

        var key = (task.Id, work.Caller.UserId);
        if (!small && _known.TryGetValue(key, out var known) && known.Until > time.GetUtcNow())
        {
            return known.Count;
        }

        if (small)
        {
            return await work.Db.TodoOfAsync(task, work.Caller.UserId, cancellationToken);
        }

        var count = await work.Db.TodoOfAsync(task, work.Caller.UserId, await FreeAsync(work, task, cancellationToken), cancellationToken);
        _known[key] = (count, time.GetUtcNow() + s_fresh);
        return count;
    }

    private async Task<int> FreeAsync(ProjectWork work, LabelTask task, CancellationToken cancellationToken)
    {
        if (_free.TryGetValue(task.Id, out var known) && known.Until > time.GetUtcNow())
        {
            return known.Count;
        }

        var count = await work.Db.FreeItemsAsync(task.Id, cancellationToken);
        _free[task.Id] = (count, time.GetUtcNow() + s_fresh);
        return count;
    }

    /// <summary>The person has answered an item.</summary>
    public void Changed(Guid taskId, string userId)
    {
        if (_known.TryGetValue((taskId, userId), out var known))
        {
            _known[(taskId, userId)] = (Math.Max(0, known.Count - 1), known.Until);
        }
    }
}
