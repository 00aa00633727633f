using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Feed;
using WebTrainer.Jobs.Queue;
using WebTrainer.Jobs.Watching;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs;

/// <summary>What people can ask of a job. Whether they may, the caller has checked.</summary>
/// <remarks>
/// The job changes when its worker has obeyed. A <see cref="RuleViolationException"/> says why something can't be asked now.
/// </remarks>
public sealed class JobControl
{
    private readonly IDbContextFactory<AppDb> _database;
    private readonly RunFolders _folders;
    private readonly WorkerSupervisor _supervisor;
    private readonly JobQueue _queue;
    private readonly LiveFeed _feed;
    private readonly TimeProvider _clock;

    internal JobControl(
        IDbContextFactory<AppDb> database,
        RunFolders folders,
        WorkerSupervisor supervisor,
        JobQueue queue,
        LiveFeed feed,
        TimeProvider clock
    ) => (_database, _folders, _supervisor, _queue, _feed, _clock) = (database, folders, supervisor, queue, feed, clock);

    public async Task PauseAsync(Guid jobId, CancellationToken cancellationToken)
    {
        var job = await FindAsync(jobId, cancellationToken);
        if (job.State is not (JobState.Starting or JobState.Running))
        {
            throw new RuleViolationException("Only a job that runs can be paused.");
        }

        Tell(job, ControlAction.Pause);
    }

    /// <summary>Lets a paused job go on.</summary>
    public async Task ResumeAsync(Guid jobId, CancellationToken cancellationToken)
    {
        var job = await FindAsync(jobId, cancellationToken);
        if (!job.IsActive) // Paused, or about to be: the worker obeys in the order in which it was told.
        {
            throw new RuleViolationException("Only a paused job can go on.");
        }

        Tell(job, ControlAction.Resume);
    }

    /// <summary>Ends a job now; one that waits is taken out of the queue.</summary>
    public async Task StopAsync(Guid jobId, CancellationToken cancellationToken)
    {
        if (await CancelQueuedAsync(jobId, cancellationToken))
        {
            return;
        }

        Tell(await FindAsync(jobId, cancellationToken), ControlAction.Stop);
        _supervisor.ExpectEnd(jobId);
    }

    /// <summary>Ends a run after the step it is at, with a checkpoint and a usable adapter.</summary>
    public async Task StopAndSaveAsync(Guid jobId, CancellationToken cancellationToken)
    {
        if (!await CancelQueuedAsync(jobId, cancellationToken))
        {
            Tell(await FindAsync(jobId, cancellationToken), ControlAction.StopAndSave); // Saving may take long: it is not killed for it.
        }
    }

    /// <summary>Puts a failed or stopped run back into the queue; it goes on from its last checkpoint.</summary>
    public async Task ResumeFailedAsync(Guid jobId, CancellationToken cancellationToken)
    {
        await using var db = await _database.CreateDbContextAsync(cancellationToken);
        var job = await db.Jobs.SingleAsync(j => j.Id == jobId, cancellationToken);
        job.Resume(_clock.GetUtcNow());
        JobTraces.Asked(_folders.Of(jobId));
        await db.SaveChangesAsync(cancellationToken);
        _queue.Enqueued(job);
    }

    private async Task<Job> FindAsync(Guid jobId, CancellationToken cancellationToken)
    {
        await using var db = await _database.CreateDbContextAsync(cancellationToken);
        return await db.Jobs.AsNoTracking().SingleAsync(job => job.Id == jobId, cancellationToken);
    }

    private void Tell(Job job, ControlAction action)
    {
        if (!job.IsActive)
        {
            throw new RuleViolationException("The job has ended.");
        }

        ControlWriter.Append(_folders.Of(job.Id), action, _clock.GetUtcNow());
    }

    /// <returns>False when it waits no more, even if it was started just now.</returns>
    private async Task<bool> CancelQueuedAsync(Guid jobId, CancellationToken cancellationToken)
    {
        await using var db = await _database.CreateDbContextAsync(cancellationToken);
        var job = await db.Jobs.SingleAsync(j => j.Id == jobId, cancellationToken);
        if (job.State != JobState.Queued)
        {
            return false;
        }

        job.CancelQueued(_clock.GetUtcNow());
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }

        _feed.Publish(new JobUpdate(job, [], []));
        return true;
    }
}
