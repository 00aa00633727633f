using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Access;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Account;

public sealed record AccessTokenView(
    Guid Id,
    string Name,
    string Start,
    IReadOnlyList<string> Scopes,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? LastUsedAt
);

/// <summary>A person's own access tokens for <c>/api/v1</c>.</summary>
public sealed class AccessTokenService(Authorizer authorizer)
{
    public async Task<IReadOnlyList<AccessTokenView>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var work = await OpenAsync(caller, cancellationToken);
        return await work
            .Db.PersonalAccessTokens.Where(t => t.UserId == caller.UserId && t.RevokedAt == null && t.ExpiresAt > work.Now)
            .OrderByDescending(t => t.CreatedAt)
            .Select(t => new AccessTokenView(t.Id, t.Name, t.Start, t.Scopes, t.CreatedAt, t.ExpiresAt, t.LastUsedAt))
            .ToListAsync(cancellationToken);
    }

    /// <returns>The token, shown this once.</returns>
    public async Task<string> CreateAsync(
        Caller caller,
        string name,
        IEnumerable<string> scopes,
        TimeSpan lifetime,
        CancellationToken cancellationToken
    )
    {
        await using var work = await OpenAsync(caller, cancellationToken);
        var secret = SecretToken.Create(PersonalAccessToken.Prefix);
        var token = new PersonalAccessToken(caller.UserId, name, secret, scopes, lifetime, work.Now);
        work.Db.PersonalAccessTokens.Add(token);
        work.Audit(
            "access-token.created",
            token.Id,
            null,
            new
            {
                token.Name,
                token.Scopes,
                token.ExpiresAt,
            }
        );
        await work.SaveAsync(cancellationToken);
        return secret;
    }

    public async Task RevokeAsync(Caller caller, Guid tokenId, CancellationToken cancellationToken)
    {
        await using var work = await OpenAsync(caller, cancellationToken);
        var token =
            await work.Db.PersonalAccessTokens.SingleOrDefaultAsync(t => t.Id == tokenId && t.UserId == caller.UserId, cancellationToken)
            ?? throw new NotFoundException("There is no such token.");
        token.Revoke(work.Now);
        work.Audit("access-token.revoked", tokenId);
        await work.SaveAsync(cancellationToken);
    }

    // A token must not make or end tokens: who steals one would otherwise keep the door open.
    private Task<ProjectWork> OpenAsync(Caller caller, CancellationToken cancellationToken) =>
        caller.Scopes is null
            ? authorizer.OpenOwnAsync(caller, TokenScopes.Read, cancellationToken)
            : throw new ForbiddenException("Access tokens are managed in the browser, not with an access token.");
}
