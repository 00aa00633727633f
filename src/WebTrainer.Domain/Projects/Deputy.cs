namespace WebTrainer.Domain.Projects;

/// <summary>That a member approves in the place of a lead who is away, between two moments.</summary>
public sealed class Deputy
{
    /// <summary>Who is away for longer hands the project over.</summary>
    public static readonly TimeSpan MaxAbsence = TimeSpan.FromDays(92);

    /// <summary>By which pages and the audit log name it.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>It holds in this project alone.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>User id of the lead who is away. When they lead no longer, nobody stands in for them.</summary>
    public string LeadId { get; private set; } = "";

    /// <summary>User id of who stands in.</summary>
    public string UserId { get; private set; } = "";

    /// <summary>From this moment.</summary>
    public DateTimeOffset From { get; private set; }

    /// <summary>Up to this moment, which is none of it; earlier where the lead came back earlier.</summary>
    public DateTimeOffset Until { get; private set; }

    /// <summary>When the lead named them.</summary>
    public DateTimeOffset NamedAt { get; private set; }

    private Deputy() { }

    /// <summary>A lead names who stands in.</summary>
    /// <param name="role">
    /// The deputy's own in the project: who sees no results can't decide on them, and a lead needs nobody's place.
    /// </param>
    /// <exception cref="RuleViolationException">The times or the person can't be.</exception>
    public Deputy(
        Guid projectId,
        string leadId,
        string userId,
        ProjectRole role,
        DateTimeOffset from,
        DateTimeOffset until,
        DateTimeOffset now
    )
    {
        if (userId == leadId)
        {
            throw new RuleViolationException("Nobody stands in for themselves. Name somebody else.");
        }

        if (role == ProjectRole.Lead)
        {
            throw new RuleViolationException("A lead approves in their own right and stands in for nobody. Name somebody who is no lead.");
        }

        if (!role.Allows(Permission.ViewResults))
        {
            throw new RuleViolationException("Who stands in must see results: name a reviewer or an engineer, or change the role first.");
        }

        if (until <= from || until <= now || until - from > MaxAbsence)
        {
            throw new RuleViolationException(
                $"Somebody stands in from one day to a later one that is not over yet, for at most {MaxAbsence.TotalDays:0} days."
            );
        }

        (ProjectId, LeadId, UserId, From, Until, NamedAt) = (projectId, leadId, userId, from, until, now);
    }

    /// <summary>What somebody may do in a lead's place: decide on what others hand in.</summary>
    public static bool May(Permission permission) => permission is Permission.ApproveRuns or Permission.ApproveDeployments;

    /// <summary>Ends it at once; what was approved stands.</summary>
    /// <exception cref="RuleViolationException">It is over already.</exception>
    public void End(DateTimeOffset now)
    {
        if (Until <= now)
        {
            throw new RuleViolationException("This is over already.");
        }

        Until = now;
    }
}
