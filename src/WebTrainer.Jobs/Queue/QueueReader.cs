using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Kinds;
using WebTrainer.Jobs.Sharing;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Queue;

/// <summary>The queue as it stands in the database and the run folders.</summary>
/// <param name="Jobs">All that wait or hold a device.</param>
/// <param name="Moment">Of those whose settings can be read; its free slots are those that no job holds.</param>
/// <param name="Unreadable">Jobs without settings that can be read.</param>
internal sealed record QueueState(IReadOnlyDictionary<Guid, Job> Jobs, QueueMoment Moment, IReadOnlyList<Job> Unreadable);

/// <summary>Puts together what the queue's choice depends on.</summary>
internal sealed class QueueReader(
    RunFolders folders,
    JobHandlers handlers,
    Slots slots,
    TimeProvider clock,
    IOptions<SharingOptions> options,
    ILogger<QueueReader> logger
)
{
    private const int DaysBefore = 3;

    /// <summary>Why a job waits whose folder gives an error that may pass.</summary>
    private const string NotNow =
        "Its settings can't be read from the disk just now. It is tried again and again; the log says what is wrong.";

    private readonly ConcurrentDictionary<Guid, string> _devices = new(); // a spec is written once; those of before the portal's start are not looked up

    /// <param name="jobs">All that wait or hold a device.</param>
    public async Task<QueueState> ReadAsync(AppDb db, IReadOnlyList<Job> jobs, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var estimates = await JobEstimates.ReadAsync(db, cancellationToken);
        var held = await DeviceHours.ReadAsync(db, jobs, options.Value, now, cancellationToken);
        var (waiting, active, unreadable) = (new List<WaitingJob>(), new List<ActiveJob>(), new List<Job>());
        foreach (var job in jobs)
        {
            if (job.Slot is { } slot)
            {
                active.Add(new ActiveJob(slot, job.SlotSince ?? now, Describe(job, slot, estimates, null, now)));
            }
            else if (TryReadDevice(job, out var device))
            {
                waiting.Add(Describe(job, device ?? DeviceName.Any, estimates, device is null ? NotNow : held.WhyNot(job), now));
            }
            else
            {
                unreadable.Add(job);
            }
        }

        var free = slots.All.Except(active.Select(job => job.Slot)).ToList();
        var moment = new QueueMoment(now, waiting, active, free, await SharesAsync(db, jobs, now, cancellationToken));
        return new QueueState(jobs.ToDictionary(job => job.Id), moment, unreadable);
    }

    /// <summary>What came on each of the last days, counted from this hour on; for those of which it is known how long they take.</summary>
    public async Task<IReadOnlyList<IReadOnlyList<ComingJob>>> DaysBeforeAsync(
        AppDb db,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var since = now.AddDays(-DaysBefore);
        var first = await db.Jobs.MinAsync(job => (DateTimeOffset?)job.CameAt, cancellationToken);
        var came = await db.Jobs.AsNoTracking().Where(job => job.CameAt > since && job.CameAt < now).ToListAsync(cancellationToken);
        var estimates = await JobEstimates.ReadAsync(db, cancellationToken);
        return
        [
            .. Enumerable
                .Range(1, DaysBefore)
                .Select(day => now.AddDays(-day))
                .Where(begin => first <= begin) // a server that is younger knows nothing of such a day
                .Select(begin =>
                    (IReadOnlyList<ComingJob>)
                        [
                            .. came.Where(job => job.CameAt > begin && job.CameAt <= begin.AddDays(1))
                                .OrderBy(job => job.CameAt)
                                .Select(job => new ComingJob(job.CameAt - begin, Again(job, estimates, now))),
                        ]
                ),
        ];
    }

    private WaitingJob Again(Job job, JobEstimates estimates, DateTimeOffset now)
    {
        var seconds = estimates.Whole(job);
        var handler = handlers.Of(job);
        return new WaitingJob(Guid.NewGuid(), job.ProjectId, job.CreatedBy, now, _devices.GetValueOrDefault(job.Id, DeviceName.Any))
        {
            IsShort = IsShort(seconds, handler),
            CanYield = handler.CanYield,
            ExpectedSeconds = seconds,
        };
    }

    private bool IsShort(double? seconds, JobHandler handler) =>
        seconds is { } known ? known <= options.Value.ShortWork.TotalSeconds : handler.IsUsuallyShort;

    private WaitingJob Describe(Job job, string device, JobEstimates estimates, string? held, DateTimeOffset now)
    {
        var (handler, left) = (handlers.Of(job), estimates.Left(job, now));
        return new WaitingJob(job.Id, job.ProjectId, job.CreatedBy, job.QueuedAt, device)
        {
            Priority = job.Priority,
            IsShort = IsShort(left, handler),
            GoesOn = job.YieldedAt is not null,
            CanYield = handler.CanYield && job.State is JobState.Running or JobState.Queued,
            ExpectedSeconds = left,
            Held = held,
        };
    }

    /// <param name="device">As its spec asks; null while the disk doesn't give it.</param>
    /// <returns>False where there is no spec, or what is there is none: it will not get better.</returns>
    private bool TryReadDevice(Job job, out string? device)
    {
        device = null;
        try
        {
            device = _devices.TryGetValue(job.Id, out var known)
                ? known
                : _devices[job.Id] = RunFolders.ReadSpec(folders.Of(job.Id)).Device;
            return true;
        }
        catch (Exception exception)
            when (exception is FileNotFoundException or DirectoryNotFoundException or JsonException or NotSupportedException)
        {
            logger.LogError(exception, "Job {JobId} has no readable spec", job.Id);
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning(exception, "The spec of job {JobId} can't be read just now", job.Id);
            return true;
        }
    }

    private async Task<FairShare> SharesAsync(AppDb db, IReadOnlyList<Job> jobs, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (projects, people) = (
            jobs.Select(job => job.ProjectId).Distinct().ToList(),
            jobs.Select(job => job.CreatedBy).Distinct().ToList()
        );
        var projectWeights = await db
            .Projects.Where(project => projects.Contains(project.Id))
            .ToDictionaryAsync(project => project.Id, project => project.ShareWeight, cancellationToken);
        var personWeights = await db.Set<Domain.Projects.Membership>()
            .Where(member => projects.Contains(member.ProjectId) && people.Contains(member.UserId))
            .ToDictionaryAsync(member => new Sharer(member.ProjectId, member.UserId), member => member.ShareWeight, cancellationToken);
        var shares = new FairShare(
            project => projectWeights.GetValueOrDefault(project, 1),
            who => personWeights.GetValueOrDefault(who, 1) // who has left the project still has jobs in it
        );
        var since = now - (DeviceUsage.HalfLivesKept * options.Value.HalfLife);
        var uses = await db
            .DeviceUses.Where(use => use.Until > since && projects.Contains(use.ProjectId))
            .Select(use => new
            {
                use.ProjectId,
                use.UserId,
                use.From,
                use.Until,
            })
            .ToListAsync(cancellationToken);
        foreach (var use in uses)
        {
            shares.Charge(new Sharer(use.ProjectId, use.UserId), DeviceUsage.Decayed(use.From, use.Until, now, options.Value.HalfLife));
        }

        return shares;
    }
}
