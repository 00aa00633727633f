namespace WebTrainer.Domain.Notices;

/// <summary>How far what happened has been told of: written with the notices, so that each is made once.</summary>
public sealed class NoticeMark
{
    /// <summary>There is one.</summary>
    public const int TheOne = 1;

    /// <summary>Always <see cref="TheOne"/>.</summary>
    public int Id { get; private set; } = TheOne;

    /// <summary>The last act that was looked at.</summary>
    public long AuditId { get; private set; }

    /// <summary>Up to when runs that ended were looked at.</summary>
    public DateTimeOffset EndedUpTo { get; private set; }

    private NoticeMark() { }

    /// <summary>Begins with what happens from now on.</summary>
    public NoticeMark(long auditId, DateTimeOffset endedUpTo) => (AuditId, EndedUpTo) = (auditId, endedUpTo);

    /// <summary>Notes how far was looked.</summary>
    public void Move(long auditId, DateTimeOffset endedUpTo) => (AuditId, EndedUpTo) = (auditId, endedUpTo);
}
