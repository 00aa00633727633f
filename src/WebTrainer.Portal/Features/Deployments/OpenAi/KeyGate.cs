using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Access;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Deployments.OpenAi;

/// <summary>Finds the project that a request's key belongs to.</summary>
public static class KeyGate
{
    private static readonly TimeSpan s_lastUsedResolution = TimeSpan.FromMinutes(1);

    /// <exception cref="OpenAiException">No key, or one that does not work.</exception>
    public static async Task<Guid> ProjectOfAsync(HttpContext http, CancellationToken ct)
    {
        if (BearerToken.Of(http.Request) is not { } token || !token.StartsWith(ApiKey.Prefix, StringComparison.Ordinal))
            throw new OpenAiException(StatusCodes.Status401Unauthorized, "Send a key of the project: Authorization: Bearer wtk_…", "authentication_error");
        var hash = SecretToken.Hash(token);
        await using var db = await http.RequestServices.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(ct);
        var key = await db.ApiKeys.SingleOrDefaultAsync(k => k.Hash == hash && k.RevokedAt == null, ct)
            ?? throw new OpenAiException(StatusCodes.Status401Unauthorized, "This key is unknown or was revoked.", "authentication_error");
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        if (key.LastUsedAt is not { } last || now - last > s_lastUsedResolution)
        {
            key.Used(now);
            await db.SaveChangesAsync(ct);
        }

        return key.ProjectId;
    }
}
