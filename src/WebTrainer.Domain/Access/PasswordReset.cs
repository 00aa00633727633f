namespace WebTrainer.Domain.Access;

/// <summary>A link by which somebody who lost their password sets a new one, once; its token is stored only as a hash.</summary>
public sealed class PasswordReset
{
    /// <summary>How long a link can be used.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>By which the database names it; the link holds a token instead.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>SHA-256 of the link's token, by which it is found.</summary>
    public string TokenHash { get; private set; } = "";

    /// <summary>Whose password it sets.</summary>
    public string UserId { get; private set; } = "";

    /// <summary>User id of the administrator who made it.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary><see cref="Lifetime"/> after it was made; at this moment it is no longer open.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>When it was used, or a newer one took its place; null while it is open.</summary>
    public DateTimeOffset? ClosedAt { get; private set; }

    /// <summary>Grows with each change; two who use the same link at once collide here.</summary>
    public int Revision { get; private set; }

    private PasswordReset() { }

    /// <param name="tokenHash">As <see cref="SecretToken.Hash"/> writes it.</param>
    /// <param name="userId">Whose password it sets.</param>
    /// <param name="createdBy">User id of the administrator who makes it.</param>
    /// <param name="now">The link can be used for <see cref="Lifetime"/> from here.</param>
    public PasswordReset(string tokenHash, string userId, string createdBy, DateTimeOffset now) =>
        (TokenHash, UserId, CreatedBy, ExpiresAt) = (tokenHash, userId, createdBy, now + Lifetime);

    /// <summary>Neither used nor replaced nor expired.</summary>
    public bool IsOpen(DateTimeOffset now) => ClosedAt is null && now < ExpiresAt;

    /// <summary>It was used, or is no longer wanted.</summary>
    public void Close(DateTimeOffset now)
    {
        ClosedAt ??= now;
        Revision++;
    }
}
