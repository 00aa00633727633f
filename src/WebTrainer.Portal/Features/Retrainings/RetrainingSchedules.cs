using Microsoft.EntityFrameworkCore;
using Quartz;
using WebTrainer.Data;
using WebTrainer.Domain.Monitoring;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Retrainings;

/// <summary>Opens retrainings by the clock. The rules in the database say when; the scheduler's memory is filled at each start.</summary>
public sealed class RetrainingSchedules(ISchedulerFactory factory, IDbContextFactory<AppDb> databases, ILogger<RetrainingSchedules> logger)
    : StartTask(logger)
{
    /// <summary>Puts a rule's schedule in the place of the one before.</summary>
    public async Task ApplyAsync(RetrainingRule rule, CancellationToken cancellationToken)
    {
        var scheduler = await factory.GetScheduler(cancellationToken);
        var key = new JobKey(rule.DeploymentId.ToString("N"), "retrainings");
        await scheduler.DeleteJob(key, cancellationToken);
        if (rule.Schedule is not { } schedule || CronSchedule.Next(schedule, DateTimeOffset.UtcNow) is null)
        {
            return;
        }

        var job = JobBuilder
            .Create<ScheduledRetraining>()
            .WithIdentity(key)
            .UsingJobData(ScheduledRetraining.Endpoint, rule.DeploymentId.ToString())
            .Build();
        var trigger = TriggerBuilder.Create().ForJob(job).WithCronSchedule(schedule).Build();
        await scheduler.ScheduleJob(job, trigger, cancellationToken: cancellationToken);
    }

    protected override async Task DoAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var rule in await db.RetrainingRules.AsNoTracking().Where(r => r.Schedule != null).ToListAsync(cancellationToken))
        {
            try
            {
                await ApplyAsync(rule, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                Logger.LogError(exception, "The schedule of retrainings of endpoint {Endpoint} is put aside", rule.DeploymentId);
            }
        }
    }
}

/// <summary>A time that has come.</summary>
public sealed class ScheduledRetraining(RetrainingWatch watch) : IJob
{
    public const string Endpoint = "endpoint";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        await watch.OpenScheduledAsync(Guid.Parse(context.MergedJobDataMap.GetString(Endpoint)!), cancellationToken);
}
