using System.Security.Claims;

namespace WebTrainer.Portal.Access;

/// <summary>Who asks, as every use case receives it. Rights are read anew from the database at each use.</summary>
/// <param name="Scopes">Scopes of a personal access token; null for a person in the browser, who has all of their own rights.</param>
public sealed record Caller(string UserId, string Name, IReadOnlySet<string>? Scopes = null)
{
    public const string ScopeClaim = "wt:scope";
    public const string TokenClaim = "wt:token";
    public const string SessionClaim = "wt:session";
    public const string DisplayNameClaim = "wt:name";

    /// <summary>Where Identity puts the account's security stamp.</summary>
    private const string StampClaim = "AspNet.Identity.SecurityStamp";

    /// <summary>The access token by which a program asks.</summary>
    public Guid? TokenId { get; init; }

    /// <summary>The account's security stamp when the session began; with another one since, the session has ended.</summary>
    public string? SessionStamp { get; init; }

    /// <summary>The browser's session; null for a program.</summary>
    public Guid? SessionId { get; init; }

    /// <returns>Null where nobody is signed in in a browser.</returns>
    public static Guid? SessionOf(ClaimsPrincipal principal) =>
        Guid.TryParse(principal.FindFirstValue(SessionClaim), out var id) ? id : null;

    /// <exception cref="ForbiddenException">Nobody is signed in.</exception>
    public static Caller From(ClaimsPrincipal principal)
    {
        var id = principal.FindFirstValue(ClaimTypes.NameIdentifier);
        if (principal.Identity?.IsAuthenticated != true || id is null)
        {
            throw new ForbiddenException("Sign in first.");
        }

        var scopes = principal.FindAll(ScopeClaim).Select(c => c.Value).ToHashSet();
        var name = principal.FindFirstValue(DisplayNameClaim) ?? principal.Identity.Name ?? id;
        return new Caller(id, name, scopes.Count == 0 ? null : scopes)
        {
            TokenId = principal.FindFirstValue(TokenClaim) is { } token ? Guid.Parse(token) : null,
            SessionStamp = principal.FindFirstValue(StampClaim),
            SessionId = SessionOf(principal),
        };
    }

    /// <summary>Whether this is a token that was not made for something.</summary>
    public bool Lacks(string scope) => Scopes is not null && !Scopes.Contains(scope);

    /// <exception cref="ForbiddenException">The token was not made for this.</exception>
    public void DemandScope(string scope)
    {
        if (Lacks(scope))
        {
            throw new ForbiddenException($"This access token lacks the scope '{scope}'.");
        }
    }
}
