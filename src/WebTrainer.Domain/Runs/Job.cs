namespace WebTrainer.Domain.Runs;

public enum JobState
{
    Queued,
    Starting,
    Running,
    Paused,
    Completed,
    Stopped,
    Failed,
}

/// <summary>A worker process's work: what the queue, the supervisor and the event reader see of a run or an evaluation.</summary>
public sealed class Job
{
    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public Guid ProjectId { get; private set; }

    /// <summary>Name of the kind in the workers' protocol, such as <c>train</c>.</summary>
    public string Kind { get; private set; } = "";
    public JobState State { get; private set; } = JobState.Queued;
    public string CreatedBy { get; private set; } = "";
    public DateTimeOffset QueuedAt { get; private set; }
    public DateTimeOffset? StartedAt { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Device slot it holds while it is active: <c>cpu:0</c>, <c>cuda:1</c>.</summary>
    public string? Slot { get; private set; }
    public int? ProcessId { get; private set; }

    /// <summary>How often a worker was started for it; above 1 after a resume.</summary>
    public int Attempts { get; private set; }

    /// <summary>Number of the last event that was stored; reading goes on behind it.</summary>
    public long LastEventSeq { get; private set; }
    public int Step { get; private set; }
    public int TotalSteps { get; private set; }

    /// <summary>Share of the work done, 0 to 1.</summary>
    public double Progress { get; private set; }
    public double? SecondsLeft { get; private set; }
    public string? FailureCause { get; private set; }
    public string? FailureAdvice { get; private set; }

    /// <summary>There is something that it can go on from.</summary>
    public bool HasCheckpoint { get; private set; }

    /// <summary>Grows with each change; two who change a job at once collide here.</summary>
    public int Revision { get; private set; }

    private Job() { }

    /// <param name="goesOnFromAnywhere">It keeps all it has done as it is done; others have checkpoints.</param>
    public Job(Guid projectId, string kind, string createdBy, DateTimeOffset now, bool goesOnFromAnywhere = false)
    {
        HasCheckpoint = goesOnFromAnywhere;
        ProjectId = projectId;
        Kind = kind;
        CreatedBy = createdBy;
        QueuedAt = now;
    }

    public bool IsActive => State is JobState.Starting or JobState.Running or JobState.Paused;

    public bool HasEnded => State is JobState.Completed or JobState.Stopped or JobState.Failed;

    public bool CanResume => State == JobState.Failed || (State == JobState.Stopped && HasCheckpoint);

    public void Start(string slot, DateTimeOffset now)
    {
        if (State != JobState.Queued)
        {
            throw new RuleViolationException("Only a queued job can be started.");
        }

        State = JobState.Starting;
        Slot = slot;
        StartedAt ??= now;
        EndedAt = null;
        Attempts++;
        Revision++;
    }

    public void ProcessStarted(int processId)
    {
        ProcessId = processId;
        Revision++;
    }

    public void WorkerIs(JobState state)
    {
        if (HasEnded || State == JobState.Queued)
        {
            return; // A late event of a worker that the supervisor has already given up.
        }

        State = state;
        Revision++;
    }

    public void Advanced(int step, int totalSteps, double progress, double? secondsLeft)
    {
        Step = step;
        TotalSteps = totalSteps;
        Progress = Math.Clamp(progress, 0, 1);
        SecondsLeft = secondsLeft;
    }

    public void CheckpointWritten() => HasCheckpoint = true;

    public void EventsReadTo(long seq)
    {
        LastEventSeq = seq;
        Revision++;
    }

    public void Explain(string cause, string? advice)
    {
        FailureCause = cause;
        FailureAdvice = advice;
    }

    public void End(JobState state, DateTimeOffset now)
    {
        State = state;
        EndedAt = now;
        Slot = null;
        ProcessId = null;
        SecondsLeft = null;
        if (state == JobState.Completed)
        {
            Progress = 1;
        }

        Revision++;
    }

    /// <summary>Back into the queue; the worker goes on from its last checkpoint.</summary>
    public void Resume(DateTimeOffset now)
    {
        if (!CanResume)
        {
            throw new RuleViolationException("Only what failed, or was stopped with a checkpoint, can be resumed.");
        }

        State = JobState.Queued;
        QueuedAt = now;
        EndedAt = null;
        FailureCause = null;
        FailureAdvice = null;
        Revision++;
    }

    public void CancelQueued(DateTimeOffset now)
    {
        if (State != JobState.Queued)
        {
            throw new RuleViolationException("The job has already started.");
        }

        End(JobState.Stopped, now);
    }
}
