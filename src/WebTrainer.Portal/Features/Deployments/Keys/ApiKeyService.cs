using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Deployments.Keys;

/// <param name="TokensOfMonth">Read and written in this calendar month of UTC.</param>
public sealed record ApiKeyView(
    Guid Id,
    string Name,
    string Start,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? ExpiresAt,
    KeyBounds Bounds,
    long RequestsOfMonth,
    long TokensOfMonth
);

/// <summary>A key to be made.</summary>
/// <param name="Name">Which program it is for.</param>
/// <param name="ExpiresAt">When it ends by itself; null for never.</param>
/// <param name="Bounds">What it may ask, and how much.</param>
public sealed record NewKey(string Name, DateTimeOffset? ExpiresAt = null, KeyBounds? Bounds = null);

/// <summary>A project's keys for the model endpoint.</summary>
public sealed class ApiKeyService(Authorizer authorizer)
{
    public async Task<IReadOnlyList<ApiKeyView>> ListAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageKeys, cancellationToken);
        var keys = await work
            .Db.ApiKeys.AsNoTracking()
            .Where(k => k.ProjectId == projectId && k.RevokedAt == null)
            .OrderByDescending(k => k.CreatedAt)
            .ToListAsync(cancellationToken);
        var ids = keys.Select(k => k.Id).ToList();
        var month = new DateOnly(work.Now.UtcDateTime.Year, work.Now.UtcDateTime.Month, 1);
        var used = await work
            .Db.KeyDays.Where(d => ids.Contains(d.KeyId) && d.Day >= month)
            .GroupBy(d => d.KeyId)
            .Select(g => new
            {
                g.Key,
                Requests = g.Sum(d => d.Requests),
                Tokens = g.Sum(d => d.Tokens),
            })
            .ToDictionaryAsync(u => u.Key, cancellationToken);
        return
        [
            .. keys.Select(k => new ApiKeyView(
                k.Id,
                k.Name,
                k.Start,
                k.CreatedAt,
                k.LastUsedAt,
                k.ExpiresAt,
                k.Bounds,
                used.GetValueOrDefault(k.Id)?.Requests ?? 0,
                used.GetValueOrDefault(k.Id)?.Tokens ?? 0
            )),
        ];
    }

    /// <summary>Whether pages show the keys; each use case checks anew.</summary>
    public async Task<bool> MayManageAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Enter, cancellationToken);
        return work.Role.Allows(Permission.ManageKeys);
    }

    /// <returns>The key, shown this once.</returns>
    public async Task<string> CreateAsync(Caller caller, Guid projectId, NewKey asked, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageKeys, cancellationToken);
        var secret = SecretToken.Create(ApiKey.Prefix);
        var bounds = (asked.Bounds ?? new KeyBounds()) with { ReachesRuns = false };
        var known = await work
            .Db.Deployments.Where(d => d.ProjectId == projectId && bounds.Deployments.Contains(d.Id))
            .CountAsync(cancellationToken);
        if (known != bounds.Deployments.Distinct().Count())
        {
            throw new NotFoundException("One of these endpoints is not in this project.");
        }

        var key = new ApiKey(projectId, asked.Name, secret, caller.UserId, work.Now, asked.ExpiresAt, bounds);
        work.Db.ApiKeys.Add(key);
        work.Audit(
            "api-key.created",
            key.Id,
            null,
            new
            {
                key.Name,
                key.Start,
                key.ExpiresAt,
                key.Bounds,
            }
        );
        await work.SaveAsync(cancellationToken);
        return secret;
    }

    public async Task RevokeAsync(Caller caller, Guid projectId, Guid keyId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageKeys, cancellationToken);
        var key =
            await work.Db.ApiKeys.SingleOrDefaultAsync(k => k.Id == keyId && k.ProjectId == projectId, cancellationToken)
            ?? throw new NotFoundException("There is no such key.");
        key.Revoke(work.Now);
        work.Audit("api-key.revoked", keyId);
        await work.SaveAsync(cancellationToken);
    }
}
