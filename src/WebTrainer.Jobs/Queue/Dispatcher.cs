using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Feed;
using WebTrainer.Jobs.Kinds;
using WebTrainer.Jobs.Sharing;
using WebTrainer.Jobs.Watching;
using WebTrainer.Jobs.Workers;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Queue;

/// <summary>Gives free slots to waiting jobs and starts their workers.</summary>
internal sealed class Dispatcher(
    IDbContextFactory<AppDb> database,
    RunFolders folders,
    JobHandlers handlers,
    QueueReader reader,
    Slots slots,
    DeviceLoans loans,
    WorkerLauncher launcher,
    WorkerSupervisor supervisor,
    JobQueue queue,
    LiveFeed feed,
    JobsMeter meter,
    TimeProvider clock,
    IOptions<JobsOptions> options,
    IOptions<SharingOptions> sharing,
    ILogger<Dispatcher> logger
) : BackgroundService
{
    // Where nothing has changed the choice is the same, but for turns that end.
    private static readonly TimeSpan s_lookInterval = TimeSpan.FromSeconds(1);

    private readonly FairQueue _fair = new(sharing.Value);
    private readonly Turns _turns = new();
    private string _lastSeen = "";
    private DateTimeOffset _lastLook;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await DispatchAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.LogError(exception, "The queue could not be looked through; trying again"); // A locked database passes.
            }

            await queue.WaitAsync(options.Value.PollInterval, stoppingToken);
        }
    }

    private async Task DispatchAsync(CancellationToken cancellationToken)
    {
        await using var db = await database.CreateDbContextAsync(cancellationToken);
        var jobs = await db
            .Jobs.AsNoTracking()
            .Where(job =>
                job.State == JobState.Queued
                || job.State == JobState.Starting
                || job.State == JobState.Running
                || job.State == JobState.Paused
            )
            .ToListAsync(cancellationToken);
        var active = jobs.Where(job => job.IsActive).ToList();
        meter.QueueIs(jobs.Count - active.Count, active.Count);

        _turns.Look(active, clock.GetUtcNow());
        var waiting = jobs.Where(job => job.State == JobState.Queued && !supervisor.IsWatching(job.Id)).ToList();
        if (waiting.Count > 0 && IsWorthALook(active, waiting))
        {
            await ChooseAsync(await reader.ReadAsync(db, [.. active, .. waiting], cancellationToken), cancellationToken);
        }
    }

    private bool IsWorthALook(List<Job> active, List<Job> waiting)
    {
        var (now, busy) = (clock.GetUtcNow(), supervisor.BusySlots.Concat(loans.Lent).Order());
        var seen = string.Join(' ', active.Concat(waiting).Select(job => $"{job.Id}{job.State}{job.Priority}").Order().Concat(busy));
        if (seen == _lastSeen && now - _lastLook < s_lookInterval)
        {
            return false;
        }

        (_lastSeen, _lastLook) = (seen, now);
        return true;
    }

    private async Task ChooseAsync(QueueState state, CancellationToken cancellationToken)
    {
        foreach (var job in state.Unreadable)
        {
            await FailAsync(job.Id, "The job's settings can't be read from its folder.", "Submit it again.", cancellationToken);
        }

        var moment = state.Moment;
        foreach (var job in moment.Waiting.Where(job => !slots.All.Any(slot => FairQueue.Fits(job.Device, slot))))
        {
            var cause = $"This server has no slot for the device '{job.Device}'.";
            await FailAsync(job.Id, cause, "Choose another device and submit it again.", cancellationToken);
        }

        var choice = _fair.Choose(
            moment with
            {
                Waiting = [.. moment.Waiting.Where(job => slots.All.Any(slot => FairQueue.Fits(job.Device, slot)))],
                Active = [.. moment.Active.Select(_turns.Of)],
                Free = [.. moment.Free.Except(supervisor.BusySlots).Except(loans.Lent)],
            }
        );
        foreach (var (job, slot) in choice.Placements)
        {
            await TryBeginAsync(job.Id, slot, cancellationToken);
        }

        foreach (var run in choice.Yields)
        {
            logger.LogInformation("Job {JobId} is asked to give {Slot} to short work", run.Job.Id, run.Slot);
            ControlWriter.Append(folders.Of(run.Job.Id), ControlAction.Yield, clock.GetUtcNow());
            _turns.Told(run.Job.Id);
        }

        loans.AskBack(moment.Waiting.Where(job => job.Held is null).Except(choice.Placements.Select(p => p.Job)).Select(job => job.Device));
    }

    /// <summary>Nothing that is wrong with one job's folder keeps the others waiting.</summary>
    private async Task TryBeginAsync(Guid jobId, string slot, CancellationToken cancellationToken)
    {
        using var held = loans.TryHold(slot);
        if (held is null)
        {
            return; // borrowed a moment ago
        }

        try
        {
            await BeginAsync(jobId, slot, cancellationToken);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException || exception is IOException io && !FullDisk.Caused(io))
        {
            logger.LogError(exception, "The folder of job {JobId} can't be used", jobId);
            await FailAsync(
                jobId,
                "The job's folder on the server can't be read or written.",
                "Tell your administrator; the log has the reason. Then submit it again.",
                cancellationToken
            );
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogError(exception, "Job {JobId} could not be started; trying again", jobId); // A locked database or a full disk passes.
        }
    }

    private async Task BeginAsync(Guid jobId, string slot, CancellationToken cancellationToken)
    {
        var folder = folders.Of(jobId);
        if (!Fence(folder))
        {
            return;
        }

        await using var db = await database.CreateDbContextAsync(cancellationToken);
        var job = await db.Jobs.SingleAsync(j => j.Id == jobId, cancellationToken);
        if (job.State != JobState.Queued)
        {
            return;
        }

        if (await handlers.Of(job).WhyNotAsync(db, job, folder, cancellationToken) is { } refusal)
        {
            await FailAsync(job.Id, refusal.Cause, refusal.Advice, cancellationToken);
            return;
        }

        ControlWriter.Clear(folder);
        job.Start(slot, clock.GetUtcNow());
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            logger.LogInformation("Job {JobId} was cancelled before it started", jobId);
            return;
        }

        if (job.Attempts == 1)
        {
            meter.Waited(job.Kind, clock.GetUtcNow() - job.QueuedAt);
        }

        // From here on nothing is cancelled: a portal that stops now must still know the worker it started.
        if (await LaunchAsync(job, folder, slot) is not { } worker)
        {
            return;
        }

        try
        {
            job.ProcessStarted(worker.ProcessId);
            await db.SaveChangesAsync(CancellationToken.None);
            feed.Publish(new JobUpdate(job, [], []));
        }
        finally
        {
            supervisor.Watch(jobId, slot, worker); // Even if its number could not be stored: it runs.
        }
    }

    /// <summary>Never two workers in one folder: an old one is killed, for its job was given up.</summary>
    private bool Fence(RunFolder folder)
    {
        var old = WorkerFinder.Find(folder.Root);
        foreach (var worker in old)
        {
            worker.Kill();
        }

        if (old.Count == 0 && !WorkerLease.IsHeld(folder))
        {
            return true;
        }

        logger.LogWarning("{Folder} still has a worker; its job waits", folder.Root);
        return false;
    }

    private async Task<IWorker?> LaunchAsync(Job job, RunFolder folder, string slot)
    {
        try
        {
            using var start = JobTraces.Start(job, folder, slot);
            return launcher.StartDetached(folder, DeviceName.OfSlot(slot));
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or IOException)
        {
            logger.LogError(exception, "The worker of job {JobId} could not be started", job.Id);
            const string cause = "The worker could not be started on this server.";
            await FailAsync(job.Id, cause, "Tell your administrator; the log has the reason.", CancellationToken.None);
            return null;
        }
    }

    private async Task FailAsync(Guid jobId, string cause, string advice, CancellationToken cancellationToken)
    {
        await using var db = await database.CreateDbContextAsync(cancellationToken);
        var job = await db.Jobs.SingleAsync(j => j.Id == jobId, cancellationToken);
        job.Explain(cause, advice);
        job.End(JobState.Failed, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellationToken);
        meter.Ended(job);
        feed.Publish(new JobUpdate(job, [], []));
    }
}
