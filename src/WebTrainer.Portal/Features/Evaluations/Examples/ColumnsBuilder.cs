using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Jobs.Feed;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Evaluations.Examples;

/// <summary>Makes the compact form of an evaluation's results when it ends, so that nobody waits for it at the first look.</summary>
public sealed class ColumnsBuilder(LiveFeed feed, IDbContextFactory<AppDb> database, ExampleStore store, ILogger<ColumnsBuilder> logger)
    : SteadyService(logger)
{
    /// <summary>Newest evaluations that are looked at; older ones are made when somebody asks.</summary>
    private const int Looked = 20;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    protected override async Task WorkAsync(CancellationToken stoppingToken)
    {
        await foreach (var _ in feed.WatchAllAsync(projectId: null, s_interval, stoppingToken))
        {
            foreach (var job in (await EndedAsync(stoppingToken)).Where(store.IsToBeBuilt))
            {
                await BuildAsync(job, stoppingToken);
            }
        }
    }

    private async Task<List<Guid>> EndedAsync(CancellationToken cancellationToken)
    {
        await using var db = await database.CreateDbContextAsync(cancellationToken);
        return await db
            .Evaluations.Where(e => e.Report != null)
            .OrderByDescending(e => e.CreatedAt)
            .Take(Looked)
            .Select(e => e.JobId)
            .ToListAsync(cancellationToken);
    }

    private async Task BuildAsync(Guid job, CancellationToken cancellationToken)
    {
        try
        {
            await store.ReadAsync(job, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whoever looks next has it made then, and is told what is wrong; the others' are made all the same.
            Logger.LogWarning(exception, "The compact form of the evaluation of job {Job} could not be made", job);
        }
    }
}
