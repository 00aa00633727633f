namespace WebTrainer.Domain.Audit;

/// <summary>One act of one person. Written with the change itself in one transaction; never changed, never deleted.</summary>
public sealed class AuditEntry
{
    public long Id { get; private set; }
    public DateTimeOffset At { get; private set; }
    public string UserId { get; private set; } = "";
    public string UserName { get; private set; } = "";
    public Guid? ProjectId { get; private set; }

    /// <summary>What was done, as <c>subject.verb</c>: <c>run.approved</c>.</summary>
    public string Action { get; private set; } = "";

    /// <summary>Id of what it was done to.</summary>
    public string Subject { get; private set; } = "";

    /// <summary>The changed values before, as JSON; null where there was nothing.</summary>
    public string? Before { get; private set; }

    /// <summary>The changed values after, as JSON; null where nothing is left.</summary>
    public string? After { get; private set; }

    private AuditEntry() { }

    public AuditEntry(
        DateTimeOffset at,
        string userId,
        string userName,
        Guid? projectId,
        string action,
        string subject,
        string? before,
        string? after
    )
    {
        At = at;
        UserId = userId;
        UserName = userName;
        ProjectId = projectId;
        Action = action;
        Subject = subject;
        Before = before;
        After = after;
    }
}
