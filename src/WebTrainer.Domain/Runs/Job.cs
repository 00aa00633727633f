namespace WebTrainer.Domain.Runs;

/// <summary>Where a job stands. It waits, is active for three states, and ends in one of three.</summary>
public enum JobState
{
    /// <summary>Waits for a slot, for the first time or after a resume.</summary>
    Queued,

    /// <summary>Has a slot; its worker has not yet said that it runs.</summary>
    Starting,

    /// <summary>Its worker has begun.</summary>
    Running,

    /// <summary>Its worker waits and keeps its slot.</summary>
    Paused,

    /// <summary>Its work is done; it can't be resumed.</summary>
    Completed,

    /// <summary>Ended because it was told to, also while it was queued; resumed only where there is a checkpoint.</summary>
    Stopped,

    /// <summary>Its worker gave up or was lost; it can be resumed.</summary>
    Failed,
}

/// <summary>How a lead ranks a job among the others of the own project; it moves nothing of other projects.</summary>
public enum JobPriority
{
    /// <summary>Behind the project's others.</summary>
    Low,

    /// <summary>As it came.</summary>
    Normal,

    /// <summary>Before the project's others.</summary>
    High,
}

/// <summary>A worker process's work: what the queue, the supervisor and the event reader see of a run or an evaluation.</summary>
public sealed class Job
{
    /// <summary>Names its run folder too, by which a worker is found again.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The project whose run, evaluation or other work it is.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>Name of the kind in the workers' protocol, such as <c>train</c>.</summary>
    public string Kind { get; private set; } = "";

    /// <summary>Where it stands, as last told by queue, supervisor or worker.</summary>
    public JobState State { get; private set; } = JobState.Queued;

    /// <summary>User id of whose work it is.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>When it came into the queue; after a resume, or after it gave its device to short work, when it came back.</summary>
    public DateTimeOffset QueuedAt { get; private set; }

    /// <summary>When it first came into the queue.</summary>
    public DateTimeOffset CameAt { get; private set; }

    /// <summary>As a lead of its project ranks it.</summary>
    public JobPriority Priority { get; private set; } = JobPriority.Normal;

    /// <summary>Since when it waits because it gave its device to short work; null where that is not why.</summary>
    public DateTimeOffset? YieldedAt { get; private set; }

    /// <summary>When a worker was first started for it; a resume leaves it as it is.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>Null while it has not ended, and again from a resume on.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Device slot it holds while it is active: <c>cpu:0</c>, <c>cuda:1</c>.</summary>
    public string? Slot { get; private set; }

    /// <summary>Since when it holds <see cref="Slot"/>; null where it holds none.</summary>
    public DateTimeOffset? SlotSince { get; private set; }

    /// <summary>Times in which it held a device; those of before only as far as they were read along.</summary>
    public List<DeviceUse> Uses { get; } = [];

    /// <summary>The worker's process on this server; null before it started and after it ended.</summary>
    public int? ProcessId { get; private set; }

    /// <summary>How often a worker was started for it; above 1 after a resume.</summary>
    public int Attempts { get; private set; }

    /// <summary>Number of the last event that was stored; reading goes on behind it.</summary>
    public long LastEventSeq { get; private set; }

    /// <summary>Last step that an event told of; of a job without steps, how many of its pieces are done.</summary>
    public int Step { get; private set; }

    /// <summary>What <see cref="Step"/> ends at, as the worker counts it; 0 before the first event.</summary>
    public int TotalSteps { get; private set; }

    /// <summary>Share of the work done, 0 to 1.</summary>
    public double Progress { get; private set; }

    /// <summary>The worker's own estimate; null where it has none, and when the job has ended.</summary>
    public double? SecondsLeft { get; private set; }

    /// <summary>What happened, in a sentence for its owner; null where it did not fail.</summary>
    public string? FailureCause { get; private set; }

    /// <summary>What to try, where the worker or the supervisor knows something; null otherwise.</summary>
    public string? FailureAdvice { get; private set; }

    /// <summary>There is something that it can go on from.</summary>
    public bool HasCheckpoint { get; private set; }

    /// <summary>Grows with each change; two who change a job at once collide here.</summary>
    public int Revision { get; private set; }

    private Job() { }

    /// <param name="projectId">The project whose work it is.</param>
    /// <param name="kind">Name of the kind in the workers' protocol, such as <c>train</c>.</param>
    /// <param name="createdBy">User id of whose work it is.</param>
    /// <param name="now">When it comes into the queue.</param>
    /// <param name="goesOnFromAnywhere">It keeps all it has done as it is done; others have checkpoints.</param>
    public Job(Guid projectId, string kind, string createdBy, DateTimeOffset now, bool goesOnFromAnywhere = false)
    {
        HasCheckpoint = goesOnFromAnywhere;
        ProjectId = projectId;
        Kind = kind;
        CreatedBy = createdBy;
        QueuedAt = now;
        CameAt = now;
    }

    /// <summary>It has a worker and holds a slot; one that is paused does too.</summary>
    public bool IsActive => State is JobState.Starting or JobState.Running or JobState.Paused;

    /// <summary>Completed, stopped or failed; of these the last two may be resumed.</summary>
    public bool HasEnded => State is JobState.Completed or JobState.Stopped or JobState.Failed;

    /// <summary>It failed, whether or not there is a checkpoint, or it was stopped and has one.</summary>
    public bool CanResume => State == JobState.Failed || (State == JobState.Stopped && HasCheckpoint);

    /// <summary>Gives it a slot and counts an attempt; its worker is started afterwards.</summary>
    /// <param name="slot">As <see cref="Slot"/>.</param>
    /// <param name="now">When its worker is started.</param>
    /// <exception cref="RuleViolationException">It is not queued.</exception>
    public void Start(string slot, DateTimeOffset now)
    {
        if (State != JobState.Queued)
        {
            throw new RuleViolationException("Only a queued job can be started.");
        }

        State = JobState.Starting;
        Slot = slot;
        SlotSince = now;
        YieldedAt = null;
        StartedAt ??= now;
        EndedAt = null;
        Attempts++;
        Revision++;
    }

    /// <summary>Notes the worker's process, by which a portal that comes back finds it again.</summary>
    public void ProcessStarted(int processId)
    {
        ProcessId = processId;
        Revision++;
    }

    /// <summary>Takes over what the worker says of itself; of one that is queued or has ended nothing is taken.</summary>
    public void WorkerIs(JobState state)
    {
        if (HasEnded || State == JobState.Queued)
        {
            return; // A late event of a worker that the supervisor has already given up.
        }

        State = state;
        Revision++;
    }

    /// <summary>Notes how far it is, without raising <see cref="Revision"/>: only the reader of events writes it.</summary>
    /// <param name="step">Last step that an event told of.</param>
    /// <param name="totalSteps">What the steps end at.</param>
    /// <param name="progress">Held within 0 to 1.</param>
    /// <param name="secondsLeft">The worker's own estimate; null where it has none.</param>
    public void Advanced(int step, int totalSteps, double progress, double? secondsLeft)
    {
        Step = step;
        TotalSteps = totalSteps;
        Progress = Math.Clamp(progress, 0, 1);
        SecondsLeft = secondsLeft;
    }

    /// <summary>Notes that it can go on from somewhere; there is no way back.</summary>
    public void CheckpointWritten() => HasCheckpoint = true;

    /// <summary>Notes that all events up to this number are stored.</summary>
    /// <param name="seq">Number of the last one.</param>
    public void EventsReadTo(long seq)
    {
        LastEventSeq = seq;
        Revision++;
    }

    /// <summary>Notes why it failed, and what to try, in sentences for its owner.</summary>
    public void Explain(string cause, string? advice)
    {
        FailureCause = cause;
        FailureAdvice = advice;
    }

    /// <summary>Frees its slot and notes the end; a completed one has all its progress. Whether it was active is not checked.</summary>
    /// <param name="state">One of the three ends.</param>
    /// <param name="now">When it ended.</param>
    public void End(JobState state, DateTimeOffset now)
    {
        State = state;
        EndedAt = now;
        Free(now);
        SecondsLeft = null;
        if (state == JobState.Completed)
        {
            Progress = 1;
        }

        Revision++;
    }

    /// <summary>
    /// Back into the queue because short work needs its device; its worker has written a checkpoint and ended. What the worker said of the
    /// time left still stands.
    /// </summary>
    /// <exception cref="RuleViolationException">It holds no device.</exception>
    public void Yield(DateTimeOffset now)
    {
        if (!IsActive)
        {
            throw new RuleViolationException("Only a job that holds a device can give it to others.");
        }

        State = JobState.Queued;
        QueuedAt = now;
        YieldedAt = now;
        Free(now);
        Revision++;
    }

    /// <summary>Ranks it anew among the jobs of its project.</summary>
    /// <exception cref="RuleViolationException">It has ended.</exception>
    public void Rank(JobPriority priority)
    {
        if (HasEnded)
        {
            throw new RuleViolationException("What has ended waits for nothing any more.");
        }

        Priority = priority;
        Revision++;
    }

    /// <summary>Back into the queue; the worker goes on from its last checkpoint.</summary>
    /// <exception cref="RuleViolationException">It is under way, has completed, or was stopped without a checkpoint.</exception>
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

    /// <summary>Ends it before a worker was started.</summary>
    /// <exception cref="RuleViolationException">It is not queued.</exception>
    public void CancelQueued(DateTimeOffset now)
    {
        if (State != JobState.Queued)
        {
            throw new RuleViolationException("The job has already started.");
        }

        End(JobState.Stopped, now);
    }

    private void Free(DateTimeOffset now)
    {
        if (Slot is { } slot)
        {
            Uses.Add(new DeviceUse(this, slot, SlotSince ?? now, now));
        }

        Slot = null;
        SlotSince = null;
        ProcessId = null;
    }
}
