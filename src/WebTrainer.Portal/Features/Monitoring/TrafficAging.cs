using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Pipeline.Traffic;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Monitoring;

/// <summary>Sums up hours that are over, and takes away rows and texts that are older than they may become.</summary>
public sealed class TrafficAging(
    IDbContextFactory<AppDb> databases,
    DataFolder folder,
    IOptions<TrafficOptions> options,
    TimeProvider time,
    ILogger<TrafficAging> logger
) : SteadyService(logger)
{
    private static readonly TimeSpan s_every = TimeSpan.FromMinutes(5);
    private readonly TrafficFiles _files = new(folder.Traffic);
    private readonly TrafficHours _hours = new(new TrafficFiles(folder.Traffic), folder.Temporary);

    /// <summary>Does it once, for all endpoints.</summary>
    public async Task AgeAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var texts = await db
            .Deployments.Select(d => new { d.Id, d.ContentDays })
            .ToDictionaryAsync(d => d.Id, d => d.ContentDays, cancellationToken);
        var now = time.GetUtcNow();
        foreach (var endpoint in _files.Endpoints())
        {
            _hours.Seal(endpoint, now, cancellationToken);
            foreach (var rows in _files.RowFiles(endpoint))
            {
                var age = now - TrafficFiles.HourOf(rows).AddHours(1);
                if (age > TimeSpan.FromDays(options.Value.RowDays))
                {
                    File.Delete(rows);
                }
                else if (age > TrafficHours.Grace && age > TimeSpan.FromDays(texts.GetValueOrDefault(endpoint) ?? 0))
                {
                    _files.ForgetTexts(rows);
                }
            }
        }
    }

    protected override async Task WorkAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_every, time);
        do
        {
            await AgeAsync(stoppingToken);
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
