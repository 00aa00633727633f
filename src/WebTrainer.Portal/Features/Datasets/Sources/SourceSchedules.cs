using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Quartz;
using WebTrainer.Data;
using WebTrainer.Domain.Datasets;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Datasets.Sources;

/// <summary>
/// Syncs sources by their cron expressions. The database says what is due; the scheduler's own memory is filled at each start.
/// </summary>
public sealed class SourceSchedules(ISchedulerFactory factory, IDbContextFactory<AppDb> databases, ILogger<SourceSchedules> logger)
    : StartTask(logger)
{
    /// <summary>Nobody needs rows more often, and a server that is asked each second takes it for an attack.</summary>
    private static readonly TimeSpan s_shortest = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, string> _refusals = new();

    /// <summary>Why a source is not synced by itself as it should be; null where it is.</summary>
    public string? ProblemOf(DataSource source, DateTimeOffset now) =>
        source.Schedule is null ? null : Fault(source.Schedule, now) ?? _refusals.GetValueOrDefault(source.Id);

    /// <summary>Notes what became of a sync that fell due.</summary>
    /// <param name="refusal">Null where it was begun.</param>
    public void Note(Guid sourceId, string? refusal)
    {
        if (refusal is null)
        {
            _refusals.TryRemove(sourceId, out _);
        }
        else
        {
            _refusals[sourceId] = $"The last sync that fell due was refused: {refusal}";
        }
    }

    /// <returns>What is wrong with a cron expression, in a sentence; null when it can be.</returns>
    public static string? Fault(string schedule, DateTimeOffset now) =>
        CronSchedule.Fault(schedule, now, s_shortest, "Sync at most once a minute.");

    /// <summary>What can't be applied is passed over: its page says why, and all others are kept.</summary>
    protected override async Task DoAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var source in await db.DataSources.AsNoTracking().Where(s => s.Schedule != null).ToListAsync(cancellationToken))
        {
            try
            {
                await ApplyAsync(source, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                Logger.LogError(exception, "The schedule of source {Source} is put aside", source.Id);
            }
        }
    }

    public async Task ApplyAsync(DataSource source, CancellationToken cancellationToken)
    {
        await RemoveAsync(source.Id, cancellationToken);
        if (source.Schedule is null || Fault(source.Schedule, DateTimeOffset.UtcNow) is not null)
        {
            return;
        }

        var scheduler = await factory.GetScheduler(cancellationToken);
        var job = JobBuilder.Create<SyncJob>().WithIdentity(KeyOf(source.Id)).UsingJobData(SyncJob.Source, source.Id.ToString()).Build();
        var trigger = TriggerBuilder.Create().ForJob(job).WithCronSchedule(source.Schedule).Build();
        await scheduler.ScheduleJob(job, trigger, cancellationToken: cancellationToken);
    }

    public async Task RemoveAsync(Guid sourceId, CancellationToken cancellationToken) =>
        await (await factory.GetScheduler(cancellationToken)).DeleteJob(KeyOf(sourceId), cancellationToken);

    private static JobKey KeyOf(Guid sourceId) => new(sourceId.ToString("N"), "sources");
}

/// <summary>One sync that fell due, on behalf of who made the source.</summary>
public sealed class SyncJob(SourceService sources, SourceSchedules schedules, IDbContextFactory<AppDb> databases, ILogger<SyncJob> logger)
    : IJob
{
    public const string Source = "source";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var id = Guid.Parse(context.MergedJobDataMap.GetString(Source)!);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.DataSources.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, cancellationToken) is not { } source)
        {
            return;
        }

        try
        {
            await sources.StartSyncAsync(
                new Access.Caller(source.CreatedBy, source.CreatedByName),
                source.ProjectId,
                id,
                cancellationToken
            );
            schedules.Note(id, refusal: null);
        }
        catch (Exception e) when (RefusalHandler.StatusOf(e) is not null)
        {
            schedules.Note(id, RefusalHandler.SentenceOf(e));
            logger.LogWarning("The scheduled sync of source {Source} was refused: {Reason}", id, RefusalHandler.SentenceOf(e));
        }
    }
}
