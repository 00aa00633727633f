using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Feed;
using WebTrainer.Jobs.Kinds;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Watching;

/// <summary>
/// Puts worker events into the database: points, other events, the job's state and the number of the last event in one
/// transaction, so that each event counts once, however often the portal is killed.
/// </summary>
internal sealed class EventStore(
    IDbContextFactory<AppDb> database,
    LiveFeed feed,
    JobsMeter meter,
    JobTraces traces,
    RunFolders folders,
    JobHandlers handlers,
    TimeProvider clock,
    IOptions<JobsOptions> options
)
{
    private readonly MetricThinning _thinning = new(options.Value.MaxMetricPoints);

    /// <summary>Stores what is newer than what was stored, tells the viewers, and gives the job as it is then.</summary>
    public async Task<Job> StoreAsync(Guid jobId, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken)
    {
        await using var db = await database.CreateDbContextAsync(cancellationToken);
        var job = await db.Jobs.SingleAsync(j => j.Id == jobId, cancellationToken);
        var (metrics, others) = (new List<JobMetric>(), new List<JobEvent>());
        var (fresh, hadEnded) = (0, job.HasEnded);
        foreach (var entry in events.Where(entry => entry.Seq > job.LastEventSeq))
        {
            await ApplyAsync(db, job, entry, cancellationToken);
            if (Point(job, entry) is { } metric)
            {
                metrics.Add(metric);
            }
            else if (entry is not (StepEvent or ValidationEvent or ProgressEvent))
            {
                others.Add(Record(job, entry));
            }

            job.EventsReadTo(entry.Seq);
            fresh++;
        }

        if (fresh == 0)
        {
            return job;
        }

        db.JobMetrics.AddRange(metrics);
        db.JobEvents.AddRange(others);
        await db.SaveChangesAsync(cancellationToken);
        Measure(job, [.. events.TakeLast(fresh)], hadEnded);
        feed.Publish(new JobUpdate(job, metrics, others));
        return job;
    }

    /// <summary>Ends a job whose worker is gone without a last event; a cause that the worker gave stays.</summary>
    /// <param name="state"><see cref="JobState.Failed"/>, or <see cref="JobState.Stopped"/> when it was killed on request.</param>
    public async Task GiveUpAsync(Guid jobId, JobState state, string cause, CancellationToken cancellationToken)
    {
        await using var db = await database.CreateDbContextAsync(cancellationToken);
        var job = await db.Jobs.SingleAsync(j => j.Id == jobId, cancellationToken);
        if (!job.IsActive)
        {
            return;
        }

        if (state == JobState.Failed && job.FailureCause is null)
        {
            job.Explain(cause, await handlers.Of(job).AdviseAsync(db, job, cancellationToken));
        }

        job.End(state, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellationToken);
        Measure(job, [], hadEnded: false);
        feed.Publish(new JobUpdate(job, [], []));
    }

    private void Measure(Job job, IReadOnlyList<RunEvent> fresh, bool hadEnded)
    {
        meter.EventsRead(fresh.Count);
        if (!hadEnded)
        {
            traces.Stored(job, fresh);
        }

        if (!hadEnded && job.HasEnded)
        {
            meter.Ended(job);
        }
    }

    private async Task ApplyAsync(AppDb db, Job job, RunEvent entry, CancellationToken cancellationToken)
    {
        switch (entry)
        {
            case StateEvent state:
                await ChangeStateAsync(db, job, state, cancellationToken);
                break;
            case StepEvent step:
                job.Advanced(step.Step, step.TotalSteps, Share(step.Step, step.TotalSteps), Finite(step.SecondsLeft));
                break;
            case ProgressEvent progress when handlers.Of(job).StagesAreProgress:
                var share = Share(progress.Done, progress.Total);
                job.Advanced(ToInt(progress.Done), ToInt(progress.Total), share, Finite(progress.SecondsLeft));
                break;
            case CheckpointEvent:
                job.CheckpointWritten();
                break;
            case FailureEvent failure:
                job.Explain(failure.Cause, failure.Advice);
                break;
        }
    }

    private async Task ChangeStateAsync(AppDb db, Job job, StateEvent change, CancellationToken cancellationToken)
    {
        if (change.State == WorkerState.Yielded)
        {
            Yield(job);
            return;
        }

        var state = Enum.Parse<JobState>(change.State.ToString()); // The worker's states are a job's, but for Queued.
        if (change.State is not (WorkerState.Completed or WorkerState.Stopped or WorkerState.Failed))
        {
            job.WorkerIs(state);
            return;
        }

        if (job.HasEnded)
        {
            return;
        }

        if (state == JobState.Failed && job.FailureCause is null)
        {
            job.Explain(change.Reason ?? "The worker failed without saying why.", null);
        }

        if (
            state == JobState.Completed
            && await handlers.Of(job).FinishAsync(db, job, folders.Of(job.Id), cancellationToken) is { } refusal
        )
        {
            job.Explain(refusal.Cause, refusal.Advice);
            state = JobState.Failed;
        }

        job.End(state, clock.GetUtcNow());
    }

    /// <summary>Back into the queue, unless somebody told it to end when it had begun to give its device away.</summary>
    private void Yield(Job job)
    {
        if (!job.IsActive)
        {
            return; // a late event of a worker that the supervisor has already given up
        }

        var told = new ControlReader(folders.Of(job.Id).Control, DateTimeOffset.MinValue).Poll();
        if (told.Any(message => message.Action is ControlAction.Stop or ControlAction.StopAndSave))
        {
            job.End(JobState.Stopped, clock.GetUtcNow());
        }
        else
        {
            job.Yield(clock.GetUtcNow());
        }
    }

    private JobMetric? Point(Job job, RunEvent entry) =>
        entry switch
        {
            StepEvent step when _thinning.Keeps(step.Step, step.TotalSteps) => new JobMetric
            {
                JobId = job.Id,
                Seq = step.Seq,
                Time = step.Time,
                Step = step.Step,
                Epoch = Finite(step.Epoch) ?? 0,
                Loss = Finite(step.Loss),
                LearningRate = Finite(step.LearningRate),
                GradientNorm = Finite(step.GradientNorm),
                TokensPerSecond = Finite(step.TokensPerSecond),
                MemoryBytes = step.MemoryBytes,
                Tokens = step.Tokens,
            },
            ValidationEvent validation when _thinning.Keeps(validation.Step, job.TotalSteps) => new JobMetric
            {
                JobId = job.Id,
                Seq = validation.Seq,
                Time = validation.Time,
                Step = validation.Step,
                ValidationLoss = Finite(validation.Loss),
                Accuracy = Finite(validation.Accuracy),
            },
            _ => null,
        };

    private static JobEvent Record(Job job, RunEvent entry)
    {
        var json = JsonSerializer.SerializeToElement(entry, ProtocolJson.Line);
        return new JobEvent
        {
            JobId = job.Id,
            Seq = entry.Seq,
            Time = entry.Time,
            Type = json.GetProperty("type").GetString()!,
            Json = json.GetRawText(),
        };
    }

    // A loss that ran away is no number, which SQLite has no value for: the point stays, its value is missing.
    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;

    private static double Share(long done, long total) => total > 0 ? (double)done / total : 0;

    private static int ToInt(long count) => (int)Math.Min(count, int.MaxValue);
}
