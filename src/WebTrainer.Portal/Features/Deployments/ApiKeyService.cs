using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Deployments;

public sealed record ApiKeyView(Guid Id, string Name, string Start, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt);

/// <summary>A project's keys for the model endpoint.</summary>
public sealed class ApiKeyService(Authorizer authorizer)
{
    public async Task<IReadOnlyList<ApiKeyView>> ListAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageKeys, cancellationToken);
        return await work
            .Db.ApiKeys.Where(k => k.ProjectId == projectId && k.RevokedAt == null)
            .OrderByDescending(k => k.CreatedAt)
            .Select(k => new ApiKeyView(k.Id, k.Name, k.Start, k.CreatedAt, k.LastUsedAt))
            .ToListAsync(cancellationToken);
    }

    /// <returns>The key, shown this once.</returns>
    public async Task<string> CreateAsync(Caller caller, Guid projectId, string name, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageKeys, cancellationToken);
        var secret = SecretToken.Create(ApiKey.Prefix);
        var key = new ApiKey(projectId, name, secret, caller.UserId, work.Now);
        work.Db.ApiKeys.Add(key);
        work.Audit("api-key.created", key.Id, null, new { key.Name, key.Start });
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
