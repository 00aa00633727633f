using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Runs;

namespace WebTrainer.Jobs.Feed;

/// <summary>Jobs as they change: what is stored first, then what is new. Watching costs the worker and the event reader nothing.</summary>
public sealed class LiveFeed(IDbContextFactory<AppDb> database, TimeProvider clock)
{
    /// <summary>Events of a snapshot: a page shows the last ones, however much a worker has logged.</summary>
    private const int MaxSnapshotEvents = 1000;

    private readonly ConcurrentDictionary<JobSubscription, Guid> _viewers = new();
    private readonly ConcurrentDictionary<Channel<bool>, Guid?> _listViewers = new();

    /// <summary>How many watch a job or a list just now.</summary>
    public int SubscriberCount => _viewers.Count + _listViewers.Count;

    /// <summary>
    /// What is stored about a job (of its events the last 1,000), then what is new, without gaps and in order. Ends only when
    /// cancelled: a job that has ended may be resumed. Empty where there is no such job.
    /// </summary>
    /// <param name="minInterval">Shortest time between two updates; what comes meanwhile is put together.</param>
    public async IAsyncEnumerable<JobUpdate> WatchAsync(
        Guid jobId,
        TimeSpan minInterval,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var viewer = new JobSubscription();
        _viewers[viewer] = jobId; // Before the snapshot: what is stored between the two is then in one of them.
        try
        {
            if (await ReadSinceAsync(jobId, 0, cancellationToken) is not { } snapshot)
            {
                yield break;
            }

            var job = snapshot.Job;
            var seen = job.LastEventSeq;
            yield return snapshot;

            while (true)
            {
                await Task.Delay(minInterval, clock, cancellationToken);
                var (updates, missed) = await viewer.TakeAsync(cancellationToken);
                var update = missed ? await ReadSinceAsync(jobId, seen, cancellationToken) : Join(job, updates, seen);
                if (update is null)
                {
                    yield break;
                }

                job = update.Job;
                seen = Math.Max(seen, missed ? job.LastEventSeq : LastSeqOf(update));
                yield return update;
            }
        }
        finally
        {
            _viewers.TryRemove(viewer, out _);
        }
    }

    /// <summary>A tick at once and after each change of any job (of a project), for lists that then query what they show.</summary>
    public async IAsyncEnumerable<long> WatchAllAsync(
        Guid? projectId,
        TimeSpan minInterval,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // One place is enough: a change that finds it taken is covered by the tick that is still to come.
        var inbox = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        _listViewers[inbox] = projectId;
        try
        {
            for (var tick = 1L; ; tick++)
            {
                yield return tick;
                await Task.Delay(minInterval, clock, cancellationToken);
                await inbox.Reader.ReadAsync(cancellationToken);
            }
        }
        finally
        {
            _listViewers.TryRemove(inbox, out _);
        }
    }

    /// <summary>Tells all viewers; never waits. Publish only what is committed.</summary>
    internal void Publish(JobUpdate update)
    {
        foreach (var (viewer, jobId) in _viewers)
        {
            if (jobId == update.Job.Id)
            {
                viewer.Push(update);
            }
        }

        foreach (var (inbox, projectId) in _listViewers)
        {
            if (projectId is null || projectId == update.Job.ProjectId)
            {
                inbox.Writer.TryWrite(true);
            }
        }
    }

    private static JobUpdate Join(Job last, IReadOnlyList<JobUpdate> updates, long seen) =>
        new(
            updates.Select(update => update.Job).Append(last).MaxBy(job => job.Revision)!, // Several write; an older state may come later.
            [.. updates.SelectMany(update => update.Metrics).Where(metric => metric.Seq > seen)],
            [.. updates.SelectMany(update => update.Events).Where(jobEvent => jobEvent.Seq > seen)]
        );

    private static long LastSeqOf(JobUpdate update) =>
        update.Metrics.Select(metric => metric.Seq).Concat(update.Events.Select(jobEvent => jobEvent.Seq)).DefaultIfEmpty().Max();

    private async Task<JobUpdate?> ReadSinceAsync(Guid jobId, long seen, CancellationToken cancellationToken)
    {
        await using var db = await database.CreateDbContextAsync(cancellationToken);
        if (await db.Jobs.AsNoTracking().SingleOrDefaultAsync(job => job.Id == jobId, cancellationToken) is not { } job)
        {
            return null;
        }
        // Nothing newer than the job's own number: that is pushed, and must not come twice.
        var metrics = await db
            .JobMetrics.AsNoTracking()
            .Where(metric => metric.JobId == jobId && metric.Seq > seen && metric.Seq <= job.LastEventSeq)
            .OrderBy(metric => metric.Seq)
            .ToListAsync(cancellationToken);
        var events = await db
            .JobEvents.AsNoTracking()
            .Where(jobEvent => jobEvent.JobId == jobId && jobEvent.Seq > seen && jobEvent.Seq <= job.LastEventSeq)
            .OrderByDescending(jobEvent => jobEvent.Seq)
            .Take(seen == 0 ? MaxSnapshotEvents : int.MaxValue)
            .ToListAsync(cancellationToken);
        events.Reverse();
        return new JobUpdate(job, metrics, events);
    }
}
