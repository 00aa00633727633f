namespace WebTrainer.Domain.Deployments;

/// <summary>How a candidate meets the traffic before it is promoted.</summary>
public enum TrialMode
{
    /// <summary>It answers a share of the requests.</summary>
    Share,

    /// <summary>It answers too, and nobody is sent its answers: they are kept beside the live ones.</summary>
    Shadow,
}

/// <summary>
/// A named endpoint of a project. Callers know its name alone; which version answers behind it changes without them.
/// </summary>
public sealed class Deployment
{
    /// <summary>Characters of a name.</summary>
    public const int MaxNameLength = 63;

    /// <summary>Characters of what it is for.</summary>
    public const int MaxPurposeLength = 500;

    /// <summary>The longest that texts are kept.</summary>
    public const int MaxContentDays = 365;

    /// <summary>Pages and the audit log name it so.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The project it belongs to.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>What callers write as <c>model</c>; one of its kind in the project, and never changed.</summary>
    public string Name { get; private set; } = "";

    /// <summary>What it is for, in people's words.</summary>
    public string Purpose { get; private set; } = "";

    /// <summary>User id of who made it.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Of the newest version; they are counted from 1.</summary>
    public int LastNumber { get; private set; }

    /// <summary>The version that answers; null while none was promoted, and once it is retired.</summary>
    public Guid? LiveVersionId { get; private set; }

    /// <summary>The version that answered before, to which one click goes back; null where there was none.</summary>
    public Guid? PreviousVersionId { get; private set; }

    /// <summary>The version that is tried beside the live one; null while none is.</summary>
    public Guid? CandidateVersionId { get; private set; }

    /// <summary>How the candidate is tried.</summary>
    public TrialMode TrialMode { get; private set; }

    /// <summary>Of 100 requests, so many are the candidate's.</summary>
    public int TrialPercent { get; private set; }

    /// <summary>Days that texts of requests and answers are kept, with personal data masked; null where none is kept.</summary>
    public int? ContentDays { get; private set; }

    /// <summary>When it ended for good; null while it is there.</summary>
    public DateTimeOffset? RetiredAt { get; private set; }

    /// <summary>Grows with each change; two who change it at once collide here.</summary>
    public int Revision { get; private set; }

    private Deployment() { }

    /// <summary>Makes an endpoint, behind which nothing answers yet.</summary>
    /// <exception cref="RuleViolationException">The name can't be one of an endpoint, or the purpose is too long.</exception>
    public Deployment(Guid projectId, string name, string purpose, string createdBy, DateTimeOffset now)
    {
        name = name.Trim();
        if (!IsName(name))
        {
            throw new RuleViolationException(
                $"An endpoint's name has 2 to {MaxNameLength} small letters, digits, dots, hyphens and underlines, and begins with a letter or digit: programs write it as 'model'."
            );
        }

        if (IsRun(name) || name == "base")
        {
            throw new RuleViolationException(
                "Names such as 'run-12' and 'base' are those of runs and bases; call the endpoint by what it does."
            );
        }

        purpose = purpose.Trim();
        if (purpose.Length > MaxPurposeLength)
        {
            throw new RuleViolationException($"What an endpoint is for has at most {MaxPurposeLength} characters.");
        }

        (ProjectId, Name, Purpose, CreatedBy, CreatedAt) = (projectId, name, purpose, createdBy, now);
    }

    /// <summary>The number of a new version.</summary>
    /// <exception cref="RuleViolationException">It is retired.</exception>
    public int TakeNumber()
    {
        CheckAlive();
        Revision++;
        return ++LastNumber;
    }

    /// <summary>Lets an approved version answer from now on; the one before stays at hand.</summary>
    /// <param name="version">Approved, or one that was live before.</param>
    /// <param name="replaced">The version that is live now; null where none is.</param>
    /// <exception cref="RuleViolationException">It is retired, or the version isn't approved or is of another endpoint.</exception>
    public void Promote(DeploymentVersion version, DeploymentVersion? replaced, DateTimeOffset now)
    {
        CheckAlive();
        CheckOwn(version);
        if (version.Id == LiveVersionId)
        {
            throw new RuleViolationException($"Version {version.Number} is live already.");
        }

        version.GoLive(now);
        replaced?.StepBack(now);
        (PreviousVersionId, LiveVersionId) = (LiveVersionId, version.Id);
        EndTrialNow();
    }

    /// <summary>Tries an approved version beside the live one.</summary>
    /// <param name="percent">Of 100 requests, 1 to 99 that it answers; in the shadow, so many that it answers too, 1 to 100.</param>
    /// <exception cref="RuleViolationException">Nothing is live, the version may not go live itself, or the share is none.</exception>
    public void Try(DeploymentVersion version, TrialMode mode, int percent)
    {
        CheckAlive();
        CheckOwn(version);
        if (LiveVersionId is null)
        {
            throw new RuleViolationException("Nothing is live yet to try a version beside: promote it.");
        }

        version.CheckMayAnswer();
        if (version.Id == LiveVersionId)
        {
            throw new RuleViolationException($"Version {version.Number} is live already.");
        }

        var most = mode == TrialMode.Shadow ? 100 : 99;
        if (percent < 1 || percent > most)
        {
            throw new RuleViolationException($"The candidate's share is 1 to {most} of 100 requests.");
        }

        (CandidateVersionId, TrialMode, TrialPercent) = (version.Id, mode, percent);
        Revision++;
    }

    /// <summary>Ends the trial: the live version answers all.</summary>
    /// <exception cref="RuleViolationException">None is tried.</exception>
    public void EndTrial()
    {
        if (CandidateVersionId is null)
        {
            throw new RuleViolationException("No version is tried just now.");
        }

        EndTrialNow();
    }

    /// <summary>Ends the endpoint for good; its name stays taken, so that nothing else ever answers under it.</summary>
    /// <exception cref="RuleViolationException">It is retired already.</exception>
    public void Retire(DeploymentVersion? live, DateTimeOffset now)
    {
        CheckAlive();
        live?.StepBack(now);
        (LiveVersionId, RetiredAt) = (null, now);
        EndTrialNow();
    }

    /// <summary>Says whether what is asked and answered is kept, and for how long.</summary>
    /// <param name="days">1 to <see cref="MaxContentDays"/>; null for nothing.</param>
    /// <exception cref="RuleViolationException">It is retired, or would be kept for no time or too long.</exception>
    public void KeepContent(int? days)
    {
        CheckAlive();
        if (days is < 1 or > MaxContentDays)
        {
            throw new RuleViolationException($"Texts are kept for 1 to {MaxContentDays} days, or not at all.");
        }

        ContentDays = days;
        Revision++;
    }

    private void EndTrialNow()
    {
        (CandidateVersionId, TrialPercent) = (null, 0);
        Revision++;
    }

    private void CheckAlive()
    {
        if (RetiredAt is not null)
        {
            throw new RuleViolationException($"The endpoint '{Name}' is retired. Make a new one.");
        }
    }

    private void CheckOwn(DeploymentVersion version)
    {
        if (version.DeploymentId != Id)
        {
            throw new RuleViolationException("This version belongs to another endpoint.");
        }
    }

    private static bool IsName(string name) =>
        name.Length is >= 2 and <= MaxNameLength
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '-');

    private static bool IsRun(string name) => name.StartsWith("run-", StringComparison.Ordinal) && name.Skip(4).All(char.IsAsciiDigit);
}
