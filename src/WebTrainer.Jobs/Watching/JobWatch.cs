using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Workers;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Watching;

/// <summary>Follows one worker from its start, or from the portal's, to its end.</summary>
/// <param name="worker">Null where a lease is held by a process that can't be seen, or where there is none.</param>
internal sealed class JobWatch(
    Guid jobId,
    string slot,
    IWorker? worker,
    RunFolder folder,
    EventStore store,
    TimeProvider clock,
    JobsOptions options,
    ILogger logger
)
{
    private const int EventsPerTransaction = 1000;
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(5);

    private EventReader _reader = new(folder.Events);
    private DateTimeOffset? _mustEndBy;
    private volatile bool _toldToStop;

    /// <summary>The slot it holds until its process is really gone.</summary>
    public string Slot => slot;

    /// <summary>It was told to stop: if it does not obey in time, it is killed.</summary>
    public void ExpectEnd() => _toldToStop = true;

    /// <summary>Returns when the job has ended and its worker is gone.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var wait = options.PollInterval;
        while (true)
        {
            try
            {
                if (await LookAsync(cancellationToken))
                {
                    return;
                }

                wait = options.PollInterval;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // A locked database or a full disk passes. Nothing is lost: all is read again, and what is stored is passed over.
                logger.LogError(exception, "Events of job {JobId} could not be stored; trying again", jobId);
                _reader = new EventReader(folder.Events);
                wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, s_longestWait.Ticks));
            }

            await Task.Delay(wait, clock, cancellationToken);
        }
    }

    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        var gone = IsGone(); // Asked before reading: what a worker wrote before it died is then read below.
        var job = await ReadAllAsync(cancellationToken);
        if (gone && job.IsActive)
        {
            await store.GiveUpAsync(jobId, _toldToStop ? JobState.Stopped : JobState.Failed, Describe(), cancellationToken);
        }

        if (gone)
        {
            return true;
        }

        if (!job.IsActive || _toldToStop)
        {
            _mustEndBy ??= clock.GetUtcNow() + options.ExitGrace;
        }

        if (clock.GetUtcNow() > _mustEndBy)
        {
            Kill();
        }

        return false;
    }

    private bool IsGone() => worker?.HasExited ?? !WorkerLease.IsHeld(folder);

    private string Describe() => WorkerEnding.Describe(worker?.ExitCode, folder);

    private void Kill()
    {
        logger.LogWarning("The worker of job {JobId} did not end in time and is killed", jobId);
        worker?.Kill();
        _mustEndBy = clock.GetUtcNow() + options.ExitGrace;
    }

    private async Task<Job> ReadAllAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var batch = _reader.Read();
            if (batch.Malformed > 0)
            {
                logger.LogWarning("Job {JobId}: {Count} lines were no event and were passed over", jobId, batch.Malformed);
            }

            if (batch.Events.Count == 0)
            {
                return await store.StoreAsync(jobId, [], cancellationToken);
            }

            foreach (var part in batch.Events.Chunk(EventsPerTransaction))
            {
                await store.StoreAsync(jobId, part, cancellationToken);
            }
        }
    }
}
