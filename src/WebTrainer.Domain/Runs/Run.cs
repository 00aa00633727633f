namespace WebTrainer.Domain.Runs;

/// <summary>What became of something submitted. Only what is <see cref="Submitted"/> can be decided on, once.</summary>
public enum ApprovalState
{
    /// <summary>Waits for somebody else's decision.</summary>
    Submitted,

    /// <summary>Somebody other than who submitted it let it run.</summary>
    Approved,

    /// <summary>Refused, with a reason.</summary>
    Rejected,

    /// <summary>Taken back by who submitted it.</summary>
    Withdrawn,
}

/// <summary>
/// A training run: settings that somebody submitted, that somebody else approved, and the job that does it. Or an adapter that was trained
/// elsewhere and brought in: a run that has ended, of which nobody here knows the course.
/// </summary>
public sealed class Run
{
    /// <summary>Of where an adapter came from, in UTF-16 units.</summary>
    public const int MaxOriginLength = 300;

    /// <summary>In UTF-16 units, after trimming.</summary>
    public const int MaxNameLength = 100;

    /// <summary>Of a rejection, in UTF-16 units.</summary>
    public const int MaxReasonLength = 1000;

    /// <summary>Its job's kind, as the workers' protocol names it.</summary>
    public const string JobKind = "train";

    /// <summary>Made before the settings are, which are written with it.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>With <see cref="Number"/> unique.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>From the project's count, which evaluations and searches share.</summary>
    public int Number { get; private set; }

    /// <summary>What people call it, trimmed.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The published version that it trains on; null where the adapter was brought in.</summary>
    public Guid? DatasetVersionId { get; private set; }

    /// <summary>
    /// Where an adapter came from that was brought in: its archive's name, or its name on the hub; null of a run of this portal.
    /// </summary>
    public string? ImportedFrom { get; private set; }

    /// <summary>It is an adapter that was brought in: there is a result, and no training that this portal has seen.</summary>
    public bool IsImported => ImportedFrom is not null;

    /// <summary>Id of the base model's folder below the model root.</summary>
    public string BaseModel { get; private set; } = "";

    /// <summary>The whole <c>TrainSpec</c> as JSON; what was approved is what runs.</summary>
    public string Spec { get; private set; } = "";

    /// <summary>SHA-256 of <see cref="Spec"/>, to which the approval is bound.</summary>
    public string SpecSha256 { get; private set; } = "";

    /// <summary>Decided once; after that nothing but its job changes.</summary>
    public ApprovalState Approval { get; private set; }

    /// <summary>User id of who handed it in, who can't approve it.</summary>
    public string SubmittedBy { get; private set; } = "";

    /// <summary>When it was handed in; a trial, when its search made it.</summary>
    public DateTimeOffset SubmittedAt { get; private set; }

    /// <summary>User id of who approved, rejected or withdrew it; of a trial, who approved its search.</summary>
    public string? DecidedBy { get; private set; }

    /// <summary>Null while it is submitted.</summary>
    public DateTimeOffset? DecidedAt { get; private set; }

    /// <summary>User id of the first of two who approve; null where one is enough, or none has.</summary>
    public string? FirstApprovedBy { get; private set; }

    /// <summary>Null while <see cref="FirstApprovedBy"/> is.</summary>
    public DateTimeOffset? FirstApprovedAt { get; private set; }

    /// <summary>Why it was rejected; null otherwise.</summary>
    public string? DecisionReason { get; private set; }

    /// <summary>Null while it is not approved: only the approval makes a job.</summary>
    public Guid? JobId { get; private set; }

    /// <summary>Null before the approval, and where it was not read along.</summary>
    public Job? Job { get; private set; }

    /// <summary>Seconds that it takes as its plan measured them; null where nobody planned these very settings.</summary>
    public double? PlannedSeconds { get; private set; }

    /// <summary><see cref="PlannedSeconds"/> as a time.</summary>
    public TimeSpan? PlannedTime => PlannedSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>The search that it is a trial of; null for a run of its own.</summary>
    public Guid? SearchId { get; private set; }

    /// <summary>The run of the same data and method whose approval holds for this one too, by the policy; null otherwise.</summary>
    public Guid? LikeRunId { get; private set; }

    /// <summary>Grows with each change; two leads who decide at once collide here.</summary>
    public int Revision { get; private set; }

    private Run() { }

    /// <summary>Hands in a run, which does nothing until it is approved.</summary>
    /// <param name="projectId">The project it is in.</param>
    /// <param name="number">From <see cref="Projects.Project.TakeNumber"/>.</param>
    /// <param name="name">1 to <see cref="MaxNameLength"/> characters after trimming.</param>
    /// <param name="datasetVersionId">The published version that it trains on.</param>
    /// <param name="baseModel">Id of the base's folder below the model root.</param>
    /// <param name="spec">All that the worker is told, as JSON.</param>
    /// <param name="specSha256">Of <paramref name="spec"/>; not checked here.</param>
    /// <param name="submittedBy">User id of who hands it in.</param>
    /// <param name="now">When it is handed in.</param>
    /// <param name="id">Given by the caller, as the settings name the run's folder.</param>
    /// <exception cref="RuleViolationException">The name, trimmed, is empty or too long.</exception>
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
        : this(projectId, number, name, baseModel, spec, specSha256, submittedBy, now, id) => DatasetVersionId = datasetVersionId;

    private Run(
        Guid projectId,
        int number,
        string name,
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
        BaseModel = baseModel;
        Spec = spec;
        SpecSha256 = specSha256;
        SubmittedBy = submittedBy;
        SubmittedAt = now;
    }

    /// <summary>
    /// An adapter that was trained elsewhere and has been tried on its base. Nothing is left to approve: its job has ended, and what the
    /// training did is not this portal's to answer for.
    /// </summary>
    /// <param name="spec">A <c>TrainSpec</c> with what the adapter itself tells: its base and its method.</param>
    /// <param name="origin">The archive's name, or the name on the hub.</param>
    /// <param name="jobKind">Of the job that tried it.</param>
    /// <exception cref="RuleViolationException">The name is empty or too long.</exception>
    public static Run Imported(
        Guid projectId,
        int number,
        string name,
        string baseModel,
        string spec,
        string specSha256,
        string origin,
        string jobKind,
        string importedBy,
        DateTimeOffset now,
        Guid id
    )
    {
        var job = new Job(projectId, jobKind, importedBy, now);
        job.End(JobState.Completed, now);
        return new Run(projectId, number, name, baseModel, spec, specSha256, importedBy, now, id)
        {
            ImportedFrom = origin[..Math.Min(origin.Length, MaxOriginLength)],
            Approval = ApprovalState.Approved,
            Job = job,
            JobId = job.Id,
        };
    }

    /// <summary>
    /// Makes a run a trial of a search. Who approved the search approved each run within its bounds; the job that runs it is made.
    /// </summary>
    /// <exception cref="RuleViolationException">It was decided on already, or the search is not approved by somebody else.</exception>
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

    /// <summary>
    /// Approves it like a run of the same data that a person approved, by a rule of the project. That the method is the same too, and the
    /// cost below the rule's, is the caller's to see to.
    /// </summary>
    /// <exception cref="RuleViolationException">It was decided on already, or the other is no run that somebody else approved.</exception>
    public Job ApproveLike(Run before, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(before);
        CheckOpen();
        if (
            before is not { Approval: ApprovalState.Approved, DecidedBy: { } approver, LikeRunId: null, SearchId: null }
            || approver == SubmittedBy
            || before.ProjectId != ProjectId
            || before.DatasetVersionId is null
            || before.DatasetVersionId != DatasetVersionId
        )
        {
            throw new RuleViolationException("Only a run that somebody else approved on the same data lets another pass.");
        }

        LikeRunId = before.Id;
        return ApproveBy(approver, now);
    }

    /// <summary>Approves exactly the settings that the approver saw, and makes the job that runs them.</summary>
    /// <param name="userId">User id of the approver, who can't be who handed it in.</param>
    /// <param name="seenSha256">Hash of the settings shown to the approver.</param>
    /// <param name="now">When it is approved and comes into the queue.</param>
    /// <exception cref="RuleViolationException">It was decided on already, the approver handed it in, or its settings are not those that
    /// were seen.</exception>
    public Job Approve(string userId, string seenSha256, DateTimeOffset now)
    {
        CheckApprover(userId, seenSha256);
        return ApproveBy(userId, now);
    }

    /// <summary>Notes the first of two approvals, which makes no job: another person's <see cref="Approve"/> does.</summary>
    /// <exception cref="RuleViolationException">As of <see cref="Approve"/>, or somebody has given the first already.</exception>
    public void ApproveFirst(string userId, string seenSha256, DateTimeOffset now)
    {
        CheckApprover(userId, seenSha256);
        (FirstApprovedBy, FirstApprovedAt) = (userId, now);
        Revision++;
    }

    private void CheckApprover(string userId, string seenSha256)
    {
        CheckOpen();
        if (userId == SubmittedBy)
        {
            throw new RuleViolationException("Nobody approves their own run. Ask another lead of this project.");
        }

        if (userId == FirstApprovedBy)
        {
            throw new RuleViolationException(
                "You have approved this run already. The project's policy asks for a second approver: ask another lead."
            );
        }

        if (seenSha256 != SpecSha256)
        {
            throw new RuleViolationException(
                "The settings changed after you opened this page. Load it again and read them before you approve."
            );
        }
    }

    /// <summary>Refuses it for good; it may be submitted anew as another run.</summary>
    /// <exception cref="RuleViolationException">It was decided on already, or the reason is blank or too long.</exception>
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
    /// <exception cref="RuleViolationException">It was decided on already, or somebody else handed it in.</exception>
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
