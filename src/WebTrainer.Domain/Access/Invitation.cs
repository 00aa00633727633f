using WebTrainer.Domain.Projects;

namespace WebTrainer.Domain.Access;

/// <summary>A link that lets one person make an account and join; the link's token is stored only as a hash.</summary>
public sealed class Invitation
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public string TokenHash { get; private set; } = "";

    /// <summary>Project to join; null for an account alone.</summary>
    public Guid? ProjectId { get; private set; }
    public ProjectRole Role { get; private set; }

    /// <summary>For whom it was meant, as the inviter wrote it.</summary>
    public string Note { get; private set; } = "";
    public string CreatedBy { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset ExpiresAt { get; private set; }
    public string? AcceptedBy { get; private set; }
    public DateTimeOffset? AcceptedAt { get; private set; }
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>Grows with each change; two who take the same link at once collide here.</summary>
    public int Revision { get; private set; }

    private Invitation() { }

    public Invitation(string tokenHash, Guid? projectId, ProjectRole role, string note, string createdBy, DateTimeOffset now)
    {
        TokenHash = tokenHash;
        ProjectId = projectId;
        Role = role;
        Note = note.Trim();
        CreatedBy = createdBy;
        CreatedAt = now;
        ExpiresAt = now + Lifetime;
    }

    public bool IsOpen(DateTimeOffset now) => AcceptedAt is null && RevokedAt is null && now < ExpiresAt;

    public void Accept(string userId, DateTimeOffset now)
    {
        if (!IsOpen(now))
        {
            throw new RuleViolationException("This invitation was used, withdrawn or has expired. Ask for a new one.");
        }

        AcceptedBy = userId;
        AcceptedAt = now;
        Revision++;
    }

    public void Revoke(DateTimeOffset now)
    {
        if (!IsOpen(now))
        {
            throw new RuleViolationException("This invitation is no longer open.");
        }

        RevokedAt = now;
        Revision++;
    }
}
