namespace WebTrainer.Domain.Runs;

public enum ApprovalState
{
    Submitted,
    Approved,
    Rejected,

    /// <summary>Taken back by who submitted it.</summary>
    Withdrawn,
}

/// <summary>A training run: settings that somebody submitted, that somebody else approved, and the job that does it.</summary>
public sealed class Run
{
    public const int MaxNameLength = 100;
    public const int MaxReasonLength = 1000;

    /// <summary>Its job's kind, as the workers' protocol names it.</summary>
    public const string JobKind = "train";

    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public Guid ProjectId { get; private set; }
    public int Number { get; private set; }
    public string Name { get; private set; } = "";
    public Guid DatasetVersionId { get; private set; }

    /// <summary>Id of the base model's folder below the model root.</summary>
    public string BaseModel { get; private set; } = "";

    /// <summary>The whole <c>TrainSpec</c> as JSON; what was approved is what runs.</summary>
    public string Spec { get; private set; } = "";

    /// <summary>SHA-256 of <see cref="Spec"/>, to which the approval is bound.</summary>
    public string SpecSha256 { get; private set; } = "";
    public ApprovalState Approval { get; private set; }
    public string SubmittedBy { get; private set; } = "";
    public DateTimeOffset SubmittedAt { get; private set; }
    public string? DecidedBy { get; private set; }
    public DateTimeOffset? DecidedAt { get; private set; }
    public string? DecisionReason { get; private set; }
    public Guid? JobId { get; private set; }
    public Job? Job { get; private set; }

    /// <summary>The search that it is a trial of; null for a run of its own.</summary>
    public Guid? SearchId { get; private set; }

    /// <summary>Grows with each change; two leads who decide at once collide here.</summary>
    public int Revision { get; private set; }

    private Run() { }

    public Run(
        Guid projectId,
        int number,
        string name,
        Guid datasetVersionId,
        string baseModel,
        string spec,
        string specSha256,
        string submittedBy,
        DateTimeOffset now,
        Guid id
    )
    {
        name = name.Trim();
        if (name.Length is 0 or > MaxNameLength)
        {
            throw new RuleViolationException($"A run's name has 1 to {MaxNameLength} characters.");
        }

        Id = id;
        ProjectId = projectId;
        Number = number;
        Name = name;
        DatasetVersionId = datasetVersionId;
        BaseModel = baseModel;
        Spec = spec;
        SpecSha256 = specSha256;
        SubmittedBy = submittedBy;
        SubmittedAt = now;
    }

    /// <summary>
    /// Makes a run a trial of a search. Who approved the search approved each run within its bounds; the job that runs it is made.
    /// </summary>
    public Job ApproveAsTrialOf(Searches.SettingSearch search, DateTimeOffset now)
    {
        CheckOpen();
        if (search.Approval != ApprovalState.Approved || search.DecidedBy == SubmittedBy)
        {
            throw new RuleViolationException("Only a search that somebody else approved makes runs.");
        }

        SearchId = search.Id;
        return ApproveBy(search.DecidedBy!, now);
    }

    /// <summary>Approves exactly the settings that the approver saw, and makes the job that runs them.</summary>
    /// <param name="seenSha256">Hash of the settings shown to the approver.</param>
    public Job Approve(string userId, string seenSha256, DateTimeOffset now)
    {
        CheckOpen();
        if (userId == SubmittedBy)
        {
            throw new RuleViolationException("Nobody approves their own run. Ask another lead of this project.");
        }

        if (seenSha256 != SpecSha256)
        {
            throw new RuleViolationException(
                "The settings changed after you opened this page. Load it again and read them before you approve."
            );
        }

        return ApproveBy(userId, now);
    }

    public void Reject(string userId, string reason, DateTimeOffset now)
    {
        CheckOpen();
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > MaxReasonLength)
        {
            throw new RuleViolationException($"Say why the run is rejected, in at most {MaxReasonLength} characters.");
        }

        Decide(ApprovalState.Rejected, userId, reason.Trim(), now);
    }

    /// <summary>Takes it back before anybody has decided.</summary>
    public void Withdraw(string userId, DateTimeOffset now)
    {
        CheckOpen();
        if (userId != SubmittedBy)
        {
            throw new RuleViolationException("Only who submitted a run takes it back; a lead rejects it.");
        }

        Decide(ApprovalState.Withdrawn, userId, null, now);
    }

    private Job ApproveBy(string userId, DateTimeOffset now)
    {
        Decide(ApprovalState.Approved, userId, null, now);
        Job = new Job(ProjectId, JobKind, SubmittedBy, now);
        JobId = Job.Id;
        return Job;
    }

    private void CheckOpen()
    {
        if (Approval != ApprovalState.Submitted)
        {
            throw new RuleViolationException($"This run was already {Approval.ToString().ToLowerInvariant()}.");
        }
    }

    private void Decide(ApprovalState approval, string userId, string? reason, DateTimeOffset now)
    {
        Approval = approval;
        DecidedBy = userId;
        DecidedAt = now;
        DecisionReason = reason;
        Revision++;
    }
}
