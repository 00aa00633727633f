using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using WebTrainer.Data;

namespace WebTrainer.Portal.Hosting.Health;

/// <summary>The database answers a query that reads from its file.</summary>
internal sealed class DatabaseHealth(IDbContextFactory<AppDb> databases) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await db.Users.AnyAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception fault) when (fault is DbException or OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy("The database does not answer.", fault);
        }
    }
}
