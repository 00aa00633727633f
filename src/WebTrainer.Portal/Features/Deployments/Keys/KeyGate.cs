using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Access;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Deployments.OpenAi;

namespace WebTrainer.Portal.Features.Deployments.Keys;

/// <summary>Lets requests in by a project's key.</summary>
public sealed class KeyGate(IDbContextFactory<AppDb> databases, KeyLimits limits, KeyUse use, RightsWatch rights, TimeProvider time)
{
    private static readonly TimeSpan s_lastUsedResolution = TimeSpan.FromMinutes(1);

    /// <exception cref="OpenAiException">No key, one that does not work, or one that asks too much.</exception>
    public async Task<KeyEntry> EnterAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (BearerToken.Of(request) is not { } token || !token.StartsWith(ApiKey.Prefix, StringComparison.Ordinal))
        {
            throw OpenAiException.NoKey("Send a key of the project: Authorization: Bearer wtk_…");
        }

        var hash = SecretToken.Hash(token);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var key =
            await db.ApiKeys.SingleOrDefaultAsync(k => k.Hash == hash && k.RevokedAt == null, cancellationToken)
            ?? throw OpenAiException.NoKey("This key is unknown or was revoked.");
        var now = time.GetUtcNow();
        if (key.ExpiresAt <= now)
        {
            throw OpenAiException.NoKey("This key has expired. Ask the project for a new one.");
        }

        await use.CheckAsync(key.Id, key.Bounds, cancellationToken);
        if (key.LastUsedAt is not { } last || now - last > s_lastUsedResolution)
        {
            key.Used(now);
            await db.SaveChangesAsync(cancellationToken);
        }

        var place = limits.Enter(key.Id, key.Bounds);
        return new KeyEntry(key.ProjectId, key.Id, key.Bounds, rights.HoldKey(key.Id), place);
    }
}

/// <summary>A request that was let in, until its answer is whole.</summary>
/// <param name="Right">Ends when the key is revoked or expires.</param>
public sealed record KeyEntry(Guid ProjectId, Guid Key, KeyBounds Bounds, HeldRight Right, IDisposable Place) : IDisposable
{
    public void Dispose()
    {
        Right.Dispose();
        Place.Dispose();
    }
}
