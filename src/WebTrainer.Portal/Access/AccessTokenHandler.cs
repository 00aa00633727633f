using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Domain.Access;

namespace WebTrainer.Portal.Access;

/// <summary>Signs in a program by <c>Authorization: Bearer wtp_…</c>, a personal access token.</summary>
public sealed class AccessTokenHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    IDbContextFactory<AppDb> databases,
    TimeProvider time
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "AccessToken";
    private static readonly TimeSpan s_lastUsedResolution = TimeSpan.FromMinutes(1);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (BearerToken.Of(Request) is not { } token || !token.StartsWith(PersonalAccessToken.Prefix, StringComparison.Ordinal))
        {
            return AuthenticateResult.NoResult();
        }

        var cancellationToken = Context.RequestAborted;
        var hash = SecretToken.Hash(token);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await db.PersonalAccessTokens.SingleOrDefaultAsync(t => t.Hash == hash, cancellationToken);
        var now = time.GetUtcNow();
        if (found is null || !found.IsValid(now))
        {
            return AuthenticateResult.Fail("This access token is unknown, revoked or expired.");
        }

        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == found.UserId && !u.IsDisabled, cancellationToken);
        if (user is null)
        {
            return AuthenticateResult.Fail("The account of this access token can't be used any more.");
        }

        if (found.LastUsedAt is not { } last || now - last > s_lastUsedResolution)
        {
            found.Used(now);
            await db.SaveChangesAsync(cancellationToken);
        }

        var claims = found
            .Scopes.Select(s => new Claim(Caller.ScopeClaim, s))
            .Append(new Claim(Caller.TokenClaim, found.Id.ToString()))
            .Append(new Claim(ClaimTypes.NameIdentifier, user.Id))
            .Append(new Claim(ClaimTypes.Name, user.UserName ?? ""))
            .Append(new Claim(Caller.DisplayNameClaim, user.DisplayName));
        return AuthenticateResult.Success(
            new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(claims, SchemeName)), SchemeName)
        );
    }
}

/// <summary>Reads <c>Authorization: Bearer …</c>.</summary>
public static class BearerToken
{
    private const string Start = "Bearer ";

    public static string? Of(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Start, StringComparison.OrdinalIgnoreCase) ? header[Start.Length..].Trim() : null;
    }
}
