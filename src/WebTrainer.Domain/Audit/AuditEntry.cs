namespace WebTrainer.Domain.Audit;

/// <summary>One act of one person. Written with the change itself in one transaction; never changed, never deleted.</summary>
public sealed class AuditEntry
{
    /// <summary>Given by the database, ascending.</summary>
    public long Id { get; private set; }

    /// <summary>When it was done, by the server's clock.</summary>
    public DateTimeOffset At { get; private set; }

    /// <summary>User id of who did it.</summary>
    public string UserId { get; private set; } = "";

    /// <summary>The name at that time: it stays readable when the account is renamed or gone.</summary>
    public string UserName { get; private set; } = "";

    /// <summary>Null for acts on the server as a whole, such as on accounts.</summary>
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

    /// <summary>Notes an act; given to the database with the change it tells of, in one transaction.</summary>
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
