namespace WebTrainer.Domain.Access;

/// <summary>A project's key for the model endpoint <c>/v1</c>.</summary>
public sealed class ApiKey
{
    /// <summary>Begins each such key, so that a leaked one can be recognised.</summary>
    public const string Prefix = "wtk_";

    /// <summary>In UTF-16 units, after trimming.</summary>
    public const int MaxNameLength = 80;

    /// <summary>By which pages and the audit log name it; it is no part of the key.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The one project whose models it may ask.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>What people call it, trimmed; two keys may have the same.</summary>
    public string Name { get; private set; } = "";

    /// <summary>SHA-256 of the key as <see cref="SecretToken.Hash"/> writes it: by it a request's key is found.</summary>
    public string Hash { get; private set; } = "";

    /// <summary>First characters of the key, to tell keys apart in a list.</summary>
    public string Start { get; private set; } = "";

    /// <summary>User id of the person who made it.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>When it was made, from when on it is valid.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Last use, to the resolution in which uses are noted, not to the request; null for one never used.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    /// <summary>Null while it is not revoked.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>When it ends by itself; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>What it may ask, and how much.</summary>
    public KeyBounds Bounds { get; private set; } = new();

    private ApiKey() { }

    /// <summary>Keeps a key's hash and its beginning; the key itself is not kept.</summary>
    /// <param name="projectId">The one project whose models it may ask.</param>
    /// <param name="name">1 to <see cref="MaxNameLength"/> characters after trimming.</param>
    /// <param name="token">The whole key, made with <see cref="Prefix"/>.</param>
    /// <param name="createdBy">User id of who makes it.</param>
    /// <param name="now">From when on it is valid.</param>
    /// <param name="expiresAt">When it ends by itself; null for never.</param>
    /// <param name="bounds">What it may ask, and how much.</param>
    /// <exception cref="RuleViolationException">The name, trimmed, is empty or too long, it would end before it begins, or a bound is
    /// none.</exception>
    public ApiKey(
        Guid projectId,
        string name,
        string token,
        string createdBy,
        DateTimeOffset now,
        DateTimeOffset? expiresAt = null,
        KeyBounds? bounds = null
    )
    {
        name = name.Trim();
        if (name.Length is 0 or > MaxNameLength)
        {
            throw new RuleViolationException($"A key's name has 1 to {MaxNameLength} characters.");
        }

        if (expiresAt <= now)
        {
            throw new RuleViolationException("A key ends after it was made: choose a later day.");
        }

        Bounds = (bounds ?? new()).Checked();
        ExpiresAt = expiresAt;
        ProjectId = projectId;
        Name = name;
        Hash = SecretToken.Hash(token);
        Start = token[..(Prefix.Length + 4)];
        CreatedBy = createdBy;
        CreatedAt = now;
    }

    /// <summary>Notes a use. The caller decides how often, so that not every request writes.</summary>
    public void Used(DateTimeOffset now) => LastUsedAt = now;

    /// <summary>Ends it for good. Of a second call nothing is noted: the first time stays.</summary>
    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;
}
