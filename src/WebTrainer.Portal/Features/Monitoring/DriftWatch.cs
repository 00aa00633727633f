using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Monitoring;

/// <summary>Looks for drift by itself, each time an endpoint has had another window of requests whose texts are kept.</summary>
public sealed class DriftWatch(IDbContextFactory<AppDb> databases, TrafficDrift drift, TimeProvider time, ILogger<DriftWatch> logger)
    : SteadyService(logger)
{
    private static readonly TimeSpan s_every = TimeSpan.FromMinutes(10);

    /// <summary>Looks once, at those that have a new window.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var kept = await db
            .Deployments.AsNoTracking()
            .Where(d => d.LiveVersionId != null && d.ContentDays != null)
            .ToListAsync(cancellationToken);
        foreach (var deployment in kept.Where(d => drift.HasNewWindow(d.Id)))
        {
            try
            {
                await drift.LookAsync(db, deployment, time.GetUtcNow(), cancellationToken);
            }
            catch (RuleViolationException nothing)
            {
                // a base, or rows that can't be compared: said to whoever looks by hand
                Logger.LogDebug("Endpoint {Endpoint} can't be looked at: {Why}", deployment.Id, nothing.Message);
            }
        }
    }

    protected override async Task WorkAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await LookAsync(stoppingToken);
        }
    }
}
