using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Jobs.Feed;

namespace WebTrainer.Portal.Features.Comparing;

/// <summary>Makes the compact form of an evaluation's results when it ends, so that nobody waits for it at the first look.</summary>
public sealed class ColumnsBuilder(LiveFeed feed, IDbContextFactory<AppDb> database, ExampleStore store, ILogger<ColumnsBuilder> logger) : BackgroundService
{
    /// <summary>Newest evaluations that are looked at; older ones are made when somebody asks.</summary>
    private const int Looked = 20;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var _ in feed.WatchAllAsync(projectId: null, s_interval, stoppingToken))
        {
            try
            {
                await BuildAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is IOException or System.Text.Json.JsonException or Microsoft.Data.Sqlite.SqliteException)
            {
                // Whoever looks next has it made then, and is told what is wrong.
                logger.LogWarning(exception, "The compact form of an evaluation could not be made");
            }
        }
    }

    private async Task BuildAsync(CancellationToken ct)
    {
        await using var db = await database.CreateDbContextAsync(ct);
        var ended = await db.Evaluations.Where(e => e.Report != null).OrderByDescending(e => e.CreatedAt).Take(Looked).Select(e => e.JobId).ToListAsync(ct);
        foreach (var job in ended.Where(store.IsToBeBuilt))
            await store.ReadAsync(job, ct);
    }
}
