using WebTrainer.Domain.Projects;

namespace WebTrainer.Domain.Access;

/// <summary>What a personal access token may be used for; its owner's own rights are the upper limit.</summary>
public static class TokenScopes
{
    public const string Read = "read";
    public const string WriteData = "data:write";
    public const string WriteRuns = "runs:write";
    public const string ApproveRuns = "runs:approve";

    public static IReadOnlyList<string> All { get; } = [Read, WriteData, WriteRuns, ApproveRuns];

    /// <summary>The scope that a token needs for what takes this permission.</summary>
    public static string Of(Permission permission) =>
        permission switch
        {
            Permission.Enter or Permission.ViewResults => Read,
            Permission.ManageData or Permission.ManageLabeling or Permission.AnswerItems or Permission.ReviewItems => WriteData,
            Permission.ApproveRuns or Permission.ManageMembers or Permission.SetGoals or Permission.ManageKeys => ApproveRuns,
            _ => WriteRuns,
        };
}

/// <summary>Lets a person's program call <c>/api/v1</c> in their name.</summary>
public sealed class PersonalAccessToken
{
    public const string Prefix = "wtp_";
    public const int MaxNameLength = 80;
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(366);

    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public string UserId { get; private set; } = "";
    public string Name { get; private set; } = "";
    public string Hash { get; private set; } = "";
    public string Start { get; private set; } = "";
    public List<string> Scopes { get; private set; } = [];
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset ExpiresAt { get; private set; }
    public DateTimeOffset? LastUsedAt { get; private set; }
    public DateTimeOffset? RevokedAt { get; private set; }

    private PersonalAccessToken() { }

    public PersonalAccessToken(string userId, string name, string token, IEnumerable<string> scopes, TimeSpan lifetime, DateTimeOffset now)
    {
        name = name.Trim();
        if (name.Length is 0 or > MaxNameLength)
        {
            throw new RuleViolationException($"A token's name has 1 to {MaxNameLength} characters.");
        }

        if (lifetime <= TimeSpan.Zero || lifetime > MaxLifetime)
        {
            throw new RuleViolationException($"A token lives for 1 to {MaxLifetime.TotalDays:0} days.");
        }

        Scopes = [.. scopes.Distinct()];
        if (Scopes.Count == 0 || Scopes.Except(TokenScopes.All).Any())
        {
            throw new RuleViolationException($"A token needs at least one of the scopes {string.Join(", ", TokenScopes.All)}.");
        }

        UserId = userId;
        Name = name;
        Hash = SecretToken.Hash(token);
        Start = token[..(Prefix.Length + 4)];
        CreatedAt = now;
        ExpiresAt = now + lifetime;
    }

    public bool IsValid(DateTimeOffset now) => RevokedAt is null && now < ExpiresAt;

    public void Used(DateTimeOffset now) => LastUsedAt = now;

    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;
}
