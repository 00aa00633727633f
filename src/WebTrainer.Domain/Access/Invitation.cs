using WebTrainer.Domain.Projects;

namespace WebTrainer.Domain.Access;

/// <summary>A link that lets one person make an account and join; the link's token is stored only as a hash.</summary>
public sealed class Invitation
{
    /// <summary>How long a link can be used.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>By which pages name it; the link holds a token instead, so that it can't be guessed from here.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>SHA-256 of the link's token, by which it is found.</summary>
    public string TokenHash { get; private set; } = "";

    /// <summary>Project to join; null for an account alone.</summary>
    public Guid? ProjectId { get; private set; }

    /// <summary>The role in <see cref="ProjectId"/>; of no consequence where that is null.</summary>
    public ProjectRole Role { get; private set; }

    /// <summary>For whom it was meant, as the inviter wrote it.</summary>
    public string Note { get; private set; } = "";

    /// <summary>User id of who invited.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>When it was made; <see cref="Lifetime"/> counts from here.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary><see cref="Lifetime"/> after it was made; at this moment it is no longer open.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>User id of who took it, with a new account or the one they had; null before.</summary>
    public string? AcceptedBy { get; private set; }

    /// <summary>Null while nobody has used it.</summary>
    public DateTimeOffset? AcceptedAt { get; private set; }

    /// <summary>Null while nobody has withdrawn it.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>Grows with each change; two who take the same link at once collide here.</summary>
    public int Revision { get; private set; }

    private Invitation() { }

    /// <summary>An open invitation.</summary>
    /// <param name="tokenHash">As <see cref="SecretToken.Hash"/> writes it; the link holds the token.</param>
    /// <param name="projectId">Project to join; null for an account alone.</param>
    /// <param name="role">Of no consequence where there is no project.</param>
    /// <param name="note">For whom it is meant; trimmed, and may be empty.</param>
    /// <param name="createdBy">User id of who invites.</param>
    /// <param name="now">The link can be used for <see cref="Lifetime"/> from here.</param>
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

    /// <summary>It was neither used nor withdrawn, and has not expired.</summary>
    public bool IsOpen(DateTimeOffset now) => AcceptedAt is null && RevokedAt is null && now < ExpiresAt;

    /// <summary>Uses it up for this account; that it joins the project is the caller's to do.</summary>
    /// <exception cref="RuleViolationException">It is not open.</exception>
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

    /// <summary>Withdraws it.</summary>
    /// <exception cref="RuleViolationException">It is not open.</exception>
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
