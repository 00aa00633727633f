using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Feed;
using WebTrainer.Jobs.Kinds;
using WebTrainer.Jobs.Watching;
using WebTrainer.Jobs.Workers;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Queue;

/// <summary>Gives free slots to waiting jobs and starts their workers.</summary>
internal sealed class Dispatcher(
    IDbContextFactory<AppDb> database,
    RunFolders folders,
    JobHandlers handlers,
    Slots slots,
    DeviceLoans loans,
    WorkerLauncher launcher,
    WorkerSupervisor supervisor,
    JobQueue queue,
    LiveFeed feed,
    JobsMeter meter,
    TimeProvider clock,
    IOptions<JobsOptions> options,
    ILogger<Dispatcher> logger
) : BackgroundService
{
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

        var lent = loans.Lent;
        var free = slots.All.Except(active.Select(job => job.Slot!)).Except(supervisor.BusySlots).Except(lent).ToList();
        if (active.Count == jobs.Count || (free.Count == 0 && lent.Count == 0))
        {
            return;
        }

        var waiting = await DescribeAsync(
            jobs.Where(job => job.State == JobState.Queued && !supervisor.IsWatching(job.Id)),
            cancellationToken
        );
        var placed = FairQueue.Place(waiting, active.CountBy(job => job.CreatedBy).ToDictionary(), free);
        foreach (var (job, slot) in placed)
        {
            await TryBeginAsync(job.Id, slot, cancellationToken);
        }

        loans.AskBack(waiting.Except(placed.Select(p => p.Job)).Select(job => job.Device));
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

    private async Task<List<WaitingJob>> DescribeAsync(IEnumerable<Job> queued, CancellationToken cancellationToken)
    {
        var waiting = new List<WaitingJob>();
        foreach (var job in queued)
        {
            try
            {
                var device = RunFolders.ReadSpec(folders.Of(job.Id)).Device;
                if (await WhyNotAsync(job, cancellationToken) is { } refusal)
                {
                    await FailAsync(job.Id, refusal.Cause, refusal.Advice, cancellationToken);
                }
                else if (!slots.All.Any(slot => FairQueue.Fits(device, slot)))
                {
                    var cause = $"This server has no slot for the device '{device}'.";
                    await FailAsync(job.Id, cause, "Choose another device and submit it again.", cancellationToken);
                }
                else
                {
                    waiting.Add(new WaitingJob(job.Id, job.CreatedBy, job.QueuedAt, device));
                }
            }
            catch (Exception exception)
                when (exception is IOException or UnauthorizedAccessException or JsonException or NotSupportedException)
            {
                logger.LogError(exception, "Job {JobId} has no readable spec", job.Id);
                await FailAsync(job.Id, "The job's settings can't be read from its folder.", "Submit it again.", cancellationToken);
            }
        }

        return waiting;
    }

    private async Task<JobRefusal?> WhyNotAsync(Job job, CancellationToken cancellationToken)
    {
        await using var db = await database.CreateDbContextAsync(cancellationToken);
        return await handlers.Of(job).WhyNotAsync(db, job, folders.Of(job.Id), cancellationToken);
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
        feed.Publish(new JobUpdate(job, [], []));
    }
}
