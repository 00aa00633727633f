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

    /// <summary>
    /// Of times that follow each other, two of these lie in one minute where a schedule has several seconds in a minute, whenever it is
    /// asked.
    /// </summary>
    private const int ComparedTimes = 3;

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
    public static string? Fault(string schedule, DateTimeOffset now)
    {
        if (Times(schedule, now) is not { } times)
        {
            return "Write the schedule as a cron expression of six fields: 0 0 3 * * ? is each night at three.";
        }

        if (times.Count == 0)
        {
            return "This schedule has no time that is still to come. Change its day, month or year, or leave it empty to sync by hand.";
        }

        return times.Zip(times.Skip(1), (one, next) => next - one).Any(gap => gap < s_shortest) ? "Sync at most once a minute." : null;
    }

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

    /// <returns>The first times to come; null where it is no schedule.</returns>
    private static List<DateTimeOffset>? Times(string schedule, DateTimeOffset now)
    {
        var times = new List<DateTimeOffset>();
        try
        {
            var cron = new CronExpression(schedule);
            for (
                var at = cron.GetNextValidTimeAfter(now);
                at is { } time && times.Count < ComparedTimes;
                at = cron.GetNextValidTimeAfter(time)
            )
            {
                times.Add(time);
            }

            return times;
        }
        catch (Exception fault) when (fault is FormatException or ArgumentException or OverflowException)
        {
            return null;
        }
    }

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
