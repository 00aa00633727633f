namespace WebTrainer.Domain.Deployments;

/// <summary>How far a version has come.</summary>
public enum VersionState
{
    /// <summary>Its settings may still change.</summary>
    Draft,

    /// <summary>What it serves was shown to be what was trained.</summary>
    Checked,

    /// <summary>A second person has approved exactly these settings.</summary>
    Approved,

    /// <summary>It answers.</summary>
    Live,

    /// <summary>It answered once; it may be taken back without another approval, for it is still what was approved.</summary>
    Retired,
}

/// <summary>What answers behind an endpoint: a model with its settings, bound to the hash that a person has approved.</summary>
public sealed class DeploymentVersion
{
    /// <summary>Characters of a reason.</summary>
    public const int MaxReasonLength = 2000;

    /// <summary>Pages and the audit log name it so.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The endpoint it is of.</summary>
    public Guid DeploymentId { get; private set; }

    /// <summary>Counted from 1 in its endpoint.</summary>
    public int Number { get; private set; }

    /// <summary>The run whose result answers; null for the base itself.</summary>
    public Guid? RunId { get; private set; }

    /// <summary>Id of the base's folder below the model root.</summary>
    public string BaseModel { get; private set; } = "";

    /// <summary>All that decides an answer, as JSON: what was approved is what is served.</summary>
    public string Settings { get; private set; } = "";

    /// <summary>SHA-256 of <see cref="Settings"/>, to which check and approval are bound.</summary>
    public string SettingsSha256 { get; private set; } = "";

    /// <summary>How far it has come.</summary>
    public VersionState State { get; private set; }

    /// <summary>User id of who made it or changed it last, who can't approve it.</summary>
    public string ChangedBy { get; private set; } = "";

    /// <summary>When it was made or changed last.</summary>
    public DateTimeOffset ChangedAt { get; private set; }

    /// <summary>What the newest check found, as JSON; null where none was made of these settings.</summary>
    public string? CheckReport { get; private set; }

    /// <summary>When that was.</summary>
    public DateTimeOffset? CheckedAt { get; private set; }

    /// <summary>User id of who approved it; null where nobody has.</summary>
    public string? ApprovedBy { get; private set; }

    /// <summary>When that was.</summary>
    public DateTimeOffset? ApprovedAt { get; private set; }

    /// <summary>User id of the first of two who approve; null where one is enough, or none has.</summary>
    public string? FirstApprovedBy { get; private set; }

    /// <summary>Null while <see cref="FirstApprovedBy"/> is.</summary>
    public DateTimeOffset? FirstApprovedAt { get; private set; }

    /// <summary>Why it goes live though a goal is missed; null where none is.</summary>
    public string? Reason { get; private set; }

    /// <summary>When it began to answer, the last time.</summary>
    public DateTimeOffset? LiveAt { get; private set; }

    /// <summary>When it answered no more, the last time.</summary>
    public DateTimeOffset? RetiredAt { get; private set; }

    /// <summary>Grows with each change; two who change it at once collide here.</summary>
    public int Revision { get; private set; }

    private DeploymentVersion() { }

    /// <summary>Makes a draft.</summary>
    /// <param name="number">From <see cref="Deployment.TakeNumber"/>.</param>
    /// <param name="settings">As JSON.</param>
    /// <param name="settingsSha256">Of <paramref name="settings"/>; not checked here.</param>
    public DeploymentVersion(
        Guid deploymentId,
        int number,
        Guid? runId,
        string baseModel,
        string settings,
        string settingsSha256,
        string by,
        DateTimeOffset now
    )
    {
        (DeploymentId, Number, RunId, BaseModel) = (deploymentId, number, runId, baseModel);
        (Settings, SettingsSha256, ChangedBy, ChangedAt) = (settings, settingsSha256, by, now);
    }

    /// <summary>Changes what is served. Whatever was shown or approved of the old settings is lost with them.</summary>
    /// <exception cref="RuleViolationException">It has answered: what callers got must stay what it says.</exception>
    public void Change(Guid? runId, string baseModel, string settings, string settingsSha256, string by, DateTimeOffset now)
    {
        if (State is VersionState.Live or VersionState.Retired)
        {
            throw new RuleViolationException($"Version {Number} has answered requests and stays as it is. Make a new version.");
        }

        (RunId, BaseModel, ChangedBy, ChangedAt) = (runId, baseModel, by, now);
        if (settingsSha256 != SettingsSha256)
        {
            (Settings, SettingsSha256, State) = (settings, settingsSha256, VersionState.Draft);
            (CheckReport, CheckedAt, ApprovedBy, ApprovedAt, Reason) = (null, null, null, null, null);
            (FirstApprovedBy, FirstApprovedAt) = (null, null);
        }

        Revision++;
    }

    /// <summary>Notes what a check of these settings found.</summary>
    /// <param name="sha256">Of the settings that were checked.</param>
    /// <param name="report">As JSON.</param>
    /// <param name="passed">What is served is what was trained.</param>
    /// <exception cref="RuleViolationException">The settings changed meanwhile, or it is past its approval.</exception>
    public void NoteCheck(string sha256, string report, bool passed, DateTimeOffset now)
    {
        if (State is not (VersionState.Draft or VersionState.Checked))
        {
            throw new RuleViolationException($"Version {Number} is {Word} and is not checked again.");
        }

        if (sha256 != SettingsSha256)
        {
            throw new RuleViolationException("The settings changed while they were checked. Check them again.");
        }

        (CheckReport, CheckedAt, State) = (report, now, passed ? VersionState.Checked : VersionState.Draft);
        (FirstApprovedBy, FirstApprovedAt) = (null, null); // another report than the one that was seen
        Revision++;
    }

    /// <summary>Approves exactly the settings that the approver saw.</summary>
    /// <param name="seenSha256">Of the settings shown to the approver.</param>
    /// <param name="needsReason">A goal is missed, or what should judge it can't: it goes live only for a written reason.</param>
    /// <exception cref="RuleViolationException">It is not checked, the approver made it, its settings are not those that were seen, or a
    /// reason is missing.</exception>
    public void Approve(string userId, string seenSha256, bool needsReason, string? reason, DateTimeOffset now)
    {
        reason = CheckApproval(userId, seenSha256, needsReason, reason);
        (State, ApprovedBy, ApprovedAt, Reason) = (VersionState.Approved, userId, now, reason ?? Reason);
        Revision++;
    }

    /// <summary>Notes the first of two approvals: another person's <see cref="Approve"/> lets it answer.</summary>
    /// <exception cref="RuleViolationException">As of <see cref="Approve"/>.</exception>
    public void ApproveFirst(string userId, string seenSha256, bool needsReason, string? reason, DateTimeOffset now)
    {
        reason = CheckApproval(userId, seenSha256, needsReason, reason);
        (FirstApprovedBy, FirstApprovedAt, Reason) = (userId, now, reason);
        Revision++;
    }

    private string? CheckApproval(string userId, string seenSha256, bool needsReason, string? reason)
    {
        if (State != VersionState.Checked)
        {
            throw new RuleViolationException(
                State == VersionState.Draft
                    ? $"Version {Number} has not been shown to serve what was trained. Check it first."
                    : $"Version {Number} is {Word} already."
            );
        }

        if (userId == ChangedBy)
        {
            throw new RuleViolationException("Nobody approves what they made or changed themselves. Ask another lead of this project.");
        }

        if (userId == FirstApprovedBy)
        {
            throw new RuleViolationException(
                $"You have approved version {Number} already. The project's policy asks for a second approver: ask another lead."
            );
        }

        if (seenSha256 != SettingsSha256)
        {
            throw new RuleViolationException(
                "The settings changed after you opened this page. Load it again and read them before you approve."
            );
        }

        reason = reason?.Trim() is { Length: > 0 } given ? given : null;
        if (needsReason && reason is null)
        {
            throw new RuleViolationException(
                "A goal is missed, or test rows can't judge it. Say in writing why it goes live all the same."
            );
        }

        return reason?.Length > MaxReasonLength
            ? throw new RuleViolationException($"A reason has at most {MaxReasonLength} characters.")
            : reason;
    }

    /// <summary>Whether a person has approved these very settings.</summary>
    public bool MayAnswer => State is VersionState.Approved or VersionState.Live or VersionState.Retired;

    /// <exception cref="RuleViolationException">Nobody has approved it.</exception>
    public void CheckMayAnswer()
    {
        if (!MayAnswer)
        {
            throw new RuleViolationException($"Version {Number} is {Word}: it answers nobody before a second person has approved it.");
        }
    }

    internal void GoLive(DateTimeOffset now)
    {
        CheckMayAnswer();
        (State, LiveAt) = (VersionState.Live, now);
        Revision++;
    }

    internal void StepBack(DateTimeOffset now)
    {
        (State, RetiredAt) = (VersionState.Retired, now);
        Revision++;
    }

    private string Word => State == VersionState.Draft ? "a draft" : State.ToString().ToLowerInvariant();
}
