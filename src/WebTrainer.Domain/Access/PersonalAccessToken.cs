using WebTrainer.Domain.Projects;

namespace WebTrainer.Domain.Access;

/// <summary>What a personal access token may be used for; its owner's own rights are the upper limit.</summary>
public static class TokenScopes
{
    /// <summary>Lets a program see what its owner may see, and change nothing.</summary>
    public const string Read = "read";

    /// <summary>Data, labeling tasks and answers.</summary>
    public const string WriteData = "data:write";

    /// <summary>Runs, evaluations, models, and all else that the other scopes don't name.</summary>
    public const string WriteRuns = "runs:write";

    /// <summary>Approvals, members, goals and keys: what a lead does.</summary>
    public const string ApproveRuns = "runs:approve";

    /// <summary>All scopes there are, the least first.</summary>
    public static IReadOnlyList<string> All { get; } = [Read, WriteData, WriteRuns, ApproveRuns];

    /// <summary>The scope that a token needs for what takes this permission.</summary>
    public static string Of(Permission permission) =>
        permission switch
        {
            Permission.Enter or Permission.ViewResults => Read,
            Permission.ManageData or Permission.ManageLabeling or Permission.AnswerItems or Permission.ReviewItems => WriteData,
            Permission.ApproveRuns
            or Permission.ApproveDeployments
            or Permission.ManageMembers
            or Permission.SetGoals
            or Permission.ManageKeys => ApproveRuns,
            _ => WriteRuns,
        };
}

/// <summary>Lets a person's program call <c>/api/v1</c> in their name.</summary>
public sealed class PersonalAccessToken
{
    /// <summary>Begins each such token, so that a leaked one can be recognised.</summary>
    public const string Prefix = "wtp_";

    /// <summary>In UTF-16 units, after trimming.</summary>
    public const int MaxNameLength = 80;

    /// <summary>A year, leap years included.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(366);

    /// <summary>By which pages and the API name it; it is no part of the token.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>User id of its owner, in whose name it acts.</summary>
    public string UserId { get; private set; } = "";

    /// <summary>What its owner calls it, trimmed.</summary>
    public string Name { get; private set; } = "";

    /// <summary>SHA-256 of the token as <see cref="SecretToken.Hash"/> writes it: by it a request's token is found.</summary>
    public string Hash { get; private set; } = "";

    /// <summary>First characters of the token, to tell tokens apart in a list.</summary>
    public string Start { get; private set; } = "";

    /// <summary>Some of <see cref="TokenScopes.All"/>, each once; never empty, fixed when it is made.</summary>
    public List<string> Scopes { get; private set; } = [];

    /// <summary>When it was made, from when on it is valid; its lifetime counts from here.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>At this moment it is no longer valid; every token has an end.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>Last use, to the resolution in which uses are noted, not to the request; null for one never used.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    /// <summary>Null while nobody has revoked it.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }

    private PersonalAccessToken() { }

    /// <summary>Keeps a token's hash and its beginning; the token itself is not kept.</summary>
    /// <param name="userId">User id of its owner.</param>
    /// <param name="name">1 to <see cref="MaxNameLength"/> characters after trimming.</param>
    /// <param name="token">The whole token, made with <see cref="Prefix"/>.</param>
    /// <param name="scopes">Some of <see cref="TokenScopes.All"/>, at least one; doubles are left out.</param>
    /// <param name="lifetime">Above 0, at most <see cref="MaxLifetime"/>.</param>
    /// <param name="now">From when on it is valid.</param>
    /// <exception cref="RuleViolationException">The name or lifetime is out of bounds, or a scope is unknown or none is given.</exception>
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

    /// <summary>It was not revoked and has not expired; whether its owner's account may be used is asked elsewhere.</summary>
    public bool IsValid(DateTimeOffset now) => RevokedAt is null && now < ExpiresAt;

    /// <summary>Notes a use. The caller decides how often, so that not every request writes.</summary>
    public void Used(DateTimeOffset now) => LastUsedAt = now;

    /// <summary>Ends it for good. Of a second call nothing is noted: the first time stays.</summary>
    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;
}
