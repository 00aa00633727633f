namespace WebTrainer.Domain.Monitoring;

/// <summary>Why a retraining was opened.</summary>
public enum RetrainingCause
{
    /// <summary>Somebody asked for it.</summary>
    ByHand,

    /// <summary>What is asked is no longer what was learned from.</summary>
    Drift,

    /// <summary>Too many answers were said to be bad.</summary>
    Quality,

    /// <summary>Its time has come.</summary>
    Schedule,
}

/// <summary>Where a retraining stands; all but <see cref="Open"/> are final.</summary>
public enum RetrainingState
{
    /// <summary>Its steps wait for people.</summary>
    Open,

    /// <summary>A version of the endpoint was drafted of its run.</summary>
    Drafted,

    /// <summary>Somebody said that it isn't needed.</summary>
    Dismissed,
}

/// <summary>
/// The way from an endpoint's traffic to a candidate, as a draft: rows to label, data, a run, a version. Each step is taken by a person;
/// nothing trains or goes live by itself.
/// </summary>
public sealed class Retraining
{
    /// <summary>Characters of what is said of it.</summary>
    public const int MaxWordsLength = 1000;

    /// <summary>Pages and the audit log name it so.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The project whose endpoint it is.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>The endpoint that is to answer better.</summary>
    public Guid DeploymentId { get; private set; }

    /// <summary>What was live when it was opened: its run's settings are taken again.</summary>
    public Guid LiveVersionId { get; private set; }

    /// <summary>Why it was opened.</summary>
    public RetrainingCause Cause { get; private set; }

    /// <summary>The same in a sentence, with its figures.</summary>
    public string Why { get; private set; } = "";

    /// <summary>When it was opened.</summary>
    public DateTimeOffset OpenedAt { get; private set; }

    /// <summary>Where it stands.</summary>
    public RetrainingState State { get; private set; }

    /// <summary>Why rows could not be taken by itself; null where they were, or somebody takes them.</summary>
    public string? Problem { get; private set; }

    /// <summary>Requests as rows without answers; null before they are taken.</summary>
    public Guid? SampleVersionId { get; private set; }

    /// <summary>The task in which they are labeled.</summary>
    public Guid? LabelTaskId { get; private set; }

    /// <summary>What was learned from, with the labeled rows added; null before it is made.</summary>
    public Guid? DataVersionId { get; private set; }

    /// <summary>The run that learns from it, which a second person approves; null before it is asked for.</summary>
    public Guid? RunId { get; private set; }

    /// <summary>The version of the endpoint that was drafted of the run; null before.</summary>
    public Guid? CandidateVersionId { get; private set; }

    /// <summary>When it ended; null while it is open.</summary>
    public DateTimeOffset? ClosedAt { get; private set; }

    /// <summary>User id of who ended it; null while it is open.</summary>
    public string? ClosedBy { get; private set; }

    /// <summary>Why it isn't needed; null where it wasn't dismissed.</summary>
    public string? Reason { get; private set; }

    /// <summary>Grows with each change; two who change it at once collide here.</summary>
    public int Revision { get; private set; }

    private Retraining() { }

    /// <summary>Opens a draft.</summary>
    /// <param name="liveVersionId">What is live now.</param>
    /// <param name="why">A sentence; longer ones are cut.</param>
    public Retraining(Guid projectId, Guid deploymentId, Guid liveVersionId, RetrainingCause cause, string why, DateTimeOffset now)
    {
        (ProjectId, DeploymentId, LiveVersionId) = (projectId, deploymentId, liveVersionId);
        (Cause, Why, OpenedAt) = (cause, Cut(why), now);
    }

    /// <summary>Notes why rows could not be taken by itself.</summary>
    public void NoteProblem(string problem)
    {
        Problem = Cut(problem);
        Revision++;
    }

    /// <summary>Notes the rows that are to be labeled; taken anew, they stand for those before.</summary>
    /// <exception cref="RuleViolationException">It has ended, or data was made of those before.</exception>
    public void Sampled(Guid versionId, Guid taskId)
    {
        CheckOpen();
        Demand(DataVersionId is null, "The labeled rows are data already. Ask for the run, or dismiss this and open another.");
        (SampleVersionId, LabelTaskId, Problem) = (versionId, taskId, null);
        Revision++;
    }

    /// <summary>Notes the data to learn from.</summary>
    /// <exception cref="RuleViolationException">It has ended, or no rows were taken.</exception>
    public void DataMade(Guid versionId)
    {
        CheckOpen();
        Demand(LabelTaskId is not null, "Take rows to label first.");
        Demand(RunId is null, "A run learns from the data already.");
        DataVersionId = versionId;
        Revision++;
    }

    /// <summary>Notes the run that was asked for; another one may stand for a run that was rejected or failed.</summary>
    /// <exception cref="RuleViolationException">It has ended, or there is no data.</exception>
    public void RunAsked(Guid runId)
    {
        CheckOpen();
        Demand(DataVersionId is not null, "Make the data first.");
        RunId = runId;
        Revision++;
    }

    /// <summary>Ends it with the version that was drafted.</summary>
    /// <exception cref="RuleViolationException">It has ended, or no run was asked for.</exception>
    public void Draft(Guid versionId, string userId, DateTimeOffset now)
    {
        CheckOpen();
        Demand(RunId is not null, "Ask for the run first.");
        (CandidateVersionId, State, ClosedAt, ClosedBy) = (versionId, RetrainingState.Drafted, now, userId);
        Revision++;
    }

    /// <summary>Ends it without a candidate.</summary>
    /// <exception cref="RuleViolationException">It has ended, or no reason is given.</exception>
    public void Dismiss(string userId, string reason, DateTimeOffset now)
    {
        CheckOpen();
        reason = reason.Trim();
        Demand(reason.Length is > 0 and <= MaxWordsLength, $"Say why it isn't needed, in at most {MaxWordsLength} characters.");
        (State, ClosedAt, ClosedBy, Reason) = (RetrainingState.Dismissed, now, userId, reason);
        Revision++;
    }

    private void CheckOpen() => Demand(State == RetrainingState.Open, "This retraining has ended. Open another.");

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new RuleViolationException(otherwise);
        }
    }

    private static string Cut(string words) => words.Length <= MaxWordsLength ? words : words[..MaxWordsLength];
}
