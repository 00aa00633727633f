namespace WebTrainer.Domain.Access;

/// <summary>A project's key for the model endpoint <c>/v1</c>.</summary>
public sealed class ApiKey
{
    public const string Prefix = "wtk_";
    public const int MaxNameLength = 80;

    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public Guid ProjectId { get; private set; }
    public string Name { get; private set; } = "";
    public string Hash { get; private set; } = "";

    /// <summary>First characters of the key, to tell keys apart in a list.</summary>
    public string Start { get; private set; } = "";
    public string CreatedBy { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? LastUsedAt { get; private set; }
    public DateTimeOffset? RevokedAt { get; private set; }

    private ApiKey() { }

    public ApiKey(Guid projectId, string name, string token, string createdBy, DateTimeOffset now)
    {
        name = name.Trim();
        if (name.Length is 0 or > MaxNameLength)
        {
            throw new RuleViolationException($"A key's name has 1 to {MaxNameLength} characters.");
        }

        ProjectId = projectId;
        Name = name;
        Hash = SecretToken.Hash(token);
        Start = token[..(Prefix.Length + 4)];
        CreatedBy = createdBy;
        CreatedAt = now;
    }

    public void Used(DateTimeOffset now) => LastUsedAt = now;

    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;
}
