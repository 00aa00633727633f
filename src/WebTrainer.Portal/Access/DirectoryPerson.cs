using System.Security.Claims;

namespace WebTrainer.Portal.Access;

/// <summary>Somebody as the organisation's directory tells of them, once it has been shown who they are.</summary>
/// <param name="Issuer">Which directory.</param>
/// <param name="Subject">Who they are there, for this portal; never given to somebody else.</param>
/// <param name="DirectoryId">
/// Who they are there for all programs, where the directory says so (<c>oid</c>), else <paramref name="Subject"/>.
/// </param>
/// <param name="UserName">Name by which they sign in; it may change.</param>
/// <param name="DisplayName">Name as others see it.</param>
public sealed record DirectoryPerson(string Issuer, string Subject, string DirectoryId, string UserName, string DisplayName, string? Email)
{
    // Microsoft's handler calls some claims by older names.
    private static readonly Dictionary<string, string> s_olderNames = new(StringComparer.Ordinal)
    {
        ["sub"] = ClaimTypes.NameIdentifier,
        ["roles"] = ClaimTypes.Role,
        ["email"] = ClaimTypes.Email,
        ["oid"] = "http://schemas.microsoft.com/identity/claims/objectidentifier",
    };

    private readonly ClaimsPrincipal _principal = new();

    private DirectoryPerson(ClaimsPrincipal principal, Claim subject)
        : this(
            subject.Issuer,
            subject.Value,
            First(principal, "oid") ?? subject.Value,
            First(principal, "preferred_username") ?? First(principal, "email") ?? subject.Value,
            First(principal, "name") ?? First(principal, "preferred_username") ?? subject.Value,
            First(principal, "email")
        ) => _principal = principal;

    /// <returns>Null where the directory did not say who it is.</returns>
    public static DirectoryPerson? From(ClaimsPrincipal principal) =>
        Find(principal, "sub").FirstOrDefault() is { } subject ? new DirectoryPerson(principal, subject) : null;

    /// <summary>They have so many groups that the directory sends a place to ask in their stead.</summary>
    public bool HasTooManyGroups => _principal.HasClaim(c => c.Type is "hasgroups" or "_claim_names");

    /// <summary>Whether the directory says this of them.</summary>
    public bool Has(string claim, string value) =>
        Find(_principal, claim).Any(c => string.Equals(c.Value, value, StringComparison.Ordinal));

    private static string? First(ClaimsPrincipal principal, string claim) =>
        Find(principal, claim).Select(c => c.Value.Trim()).FirstOrDefault(value => value.Length > 0);

    private static IEnumerable<Claim> Find(ClaimsPrincipal principal, string claim) =>
        principal.FindAll(c => c.Type == claim || s_olderNames.TryGetValue(claim, out var older) && c.Type == older);
}
