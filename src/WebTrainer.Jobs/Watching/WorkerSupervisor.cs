using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Queue;
using WebTrainer.Jobs.Workers;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Watching;

/// <summary>
/// Knows each living worker. At start it finds the workers of an earlier portal again; at stop it lets go of them, and they work on.
/// </summary>
internal sealed class WorkerSupervisor(
    IDbContextFactory<AppDb> database,
    DataFolder data,
    RunFolders folders,
    WorkerLauncher launcher,
    EventStore store,
    JobQueue queue,
    TimeProvider clock,
    IOptions<JobsOptions> options,
    ILogger<WorkerSupervisor> logger
) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Guid, (JobWatch Watch, Task Running)> _watches = new();

    /// <summary>Slots whose worker still lives, even if its job has ended.</summary>
    public IReadOnlyCollection<string> BusySlots => [.. _watches.Values.Select(w => w.Watch.Slot)];

    public bool IsWatching(Guid jobId) => _watches.ContainsKey(jobId);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Plans and serving workers belong to the portal that started them; nobody can talk to these any more.
        foreach (var leftover in WorkerFinder.FindBelow(data.Temporary))
        {
            leftover.Kill();
        }

        await using var db = await database.CreateDbContextAsync(cancellationToken);
        var active = await db
            .Jobs.AsNoTracking()
            .Where(job => job.State == JobState.Starting || job.State == JobState.Running || job.State == JobState.Paused)
            .ToListAsync(cancellationToken);
        foreach (var job in active)
        {
            Watch(job.Id, job.Slot ?? "", TryAdopt(job));
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        var watching = Task.WhenAll(_watches.Values.Select(w => w.Running));
        await watching.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Follows a worker until it is gone.</summary>
    public void Watch(Guid jobId, string slot, IWorker? worker)
    {
        var watch = new JobWatch(jobId, slot, worker, folders.Of(jobId), store, clock, options.Value, logger);
        // Held back until it is in the table, so that a worker that is gone at once can't be removed before it was added.
        var added = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _watches[jobId] = (watch, FollowAsync());
        added.SetResult();

        async Task FollowAsync()
        {
            using (worker)
            {
                await added.Task;
                await watch.RunAsync(_stopping.Token);
            }

            _watches.TryRemove(jobId, out _);
            queue.Wake();
        }
    }

    /// <summary>Kills the job's worker if it has not ended soon.</summary>
    public void ExpectEnd(Guid jobId)
    {
        if (_watches.TryGetValue(jobId, out var entry))
        {
            entry.Watch.ExpectEnd();
        }
    }

    // A host stopped from two sides (its own shutdown and whoever holds it) stops once more while or after this runs, so the source is not
    // disposed: without a timer it holds nothing.
    public void Dispose() => _stopping.Cancel();

    /// <returns>Null where it has none and can't get one: its job then ends, as that of any worker that is gone.</returns>
    private IWorker? TryAdopt(Job job)
    {
        try
        {
            return Adopt(job);
        }
        catch (Exception exception)
        {
            logger.LogError(exception, "Job {JobId}: its worker can't be followed any more", job.Id);
            return null;
        }
    }

    private IWorker? Adopt(Job job)
    {
        var folder = folders.Of(job.Id);
        var worker = WorkerFinder.Find(folder.Root) is [var found, ..] ? found : null;
        if (worker is null && job is { State: JobState.Starting, ProcessId: null })
        {
            // The portal was killed between claiming the slot and starting the worker.
            worker = launcher.StartDetached(folder, DeviceName.OfSlot(job.Slot ?? DeviceName.Cpu));
        }

        logger.LogInformation("Job {JobId}: {Found}", job.Id, worker is null ? "its worker is gone" : "its worker is found again");
        return worker;
    }
}
