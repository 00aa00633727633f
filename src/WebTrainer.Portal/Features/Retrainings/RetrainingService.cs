using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Monitoring;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Retrainings;

/// <summary>What somebody says of when a retraining is opened by itself.</summary>
/// <param name="OnDrift">When a look at drift finds a change.</param>
/// <param name="BadShare">
/// When more than this share of the answers of which somebody said anything was said to be bad; null for never.
/// </param>
/// <param name="Schedule">By the clock, as a cron expression of six fields; null for never.</param>
/// <param name="Rows">Requests that are taken to be labeled then.</param>
public sealed record RuleRequest(bool OnDrift = false, double? BadShare = null, string? Schedule = null, int Rows = 50);

/// <summary>Retrainings of an endpoint, and when they are opened by themselves.</summary>
public sealed class RetrainingService(Authorizer authorizer, FileStore files, RunService runs, RetrainingSchedules schedules)
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromHours(1);

    public async Task<RetrainingsView> ViewAsync(Caller caller, Guid projectId, Guid deploymentId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var deployment = await EndpointAsync(work, deploymentId, cancellationToken);
        var rule = await work
            .Db.RetrainingRules.AsNoTracking()
            .SingleOrDefaultAsync(r => r.DeploymentId == deploymentId, cancellationToken);
        var open = await work
            .Db.Retrainings.AsNoTracking()
            .SingleOrDefaultAsync(r => r.DeploymentId == deploymentId && r.State == RetrainingState.Open, cancellationToken);
        var ended = await work
            .Db.Retrainings.AsNoTracking()
            .Where(r => r.DeploymentId == deploymentId && r.State != RetrainingState.Open)
            .OrderByDescending(r => r.OpenedAt)
            .Take(RetrainingsView.MostEnded)
            .ToListAsync(cancellationToken);
        return new RetrainingsView(
            rule,
            rule?.Schedule is { } schedule ? CronSchedule.Next(schedule, work.Now) : null,
            open is null ? null : await ViewAsync(work, open, cancellationToken),
            ended,
            work.Role.Allows(Permission.ManageDeployments),
            await WhyNotAsync(work, deployment, cancellationToken)
        );
    }

    /// <summary>Opens one for somebody who asks.</summary>
    public async Task<Guid> OpenAsync(Caller caller, Guid projectId, Guid deploymentId, string? why, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageDeployments, cancellationToken);
        var deployment = await EndpointAsync(work, deploymentId, cancellationToken);
        return await OpenAsync(
            work,
            deployment,
            RetrainingCause.ByHand,
            string.IsNullOrWhiteSpace(why) ? $"{caller.Name} asked for it." : why.Trim(),
            cancellationToken
        );
    }

    /// <summary>Says when one is opened by itself.</summary>
    public async Task SetRuleAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        RuleRequest request,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageDeployments, cancellationToken);
        await EndpointAsync(work, deploymentId, cancellationToken);
        if (
            request.Schedule is { Length: > 0 } schedule
            && CronSchedule.Fault(schedule, work.Now, s_shortest, "Retrain at most once an hour.") is { } fault
        )
        {
            throw new RuleViolationException(fault);
        }

        var rule = await work.Db.RetrainingRules.FindAsync([deploymentId], cancellationToken);
        var before = rule is null
            ? null
            : new
            {
                rule.OnDrift,
                rule.BadShare,
                rule.Schedule,
                rule.Rows,
            };
        if (rule is null)
        {
            work.Db.RetrainingRules.Add(rule = new RetrainingRule(deploymentId));
        }

        rule.Set(request.OnDrift, request.BadShare, request.Schedule, request.Rows, caller.UserId, caller.Name, work.Now);
        work.Audit(
            "retraining.rule-set",
            deploymentId,
            before,
            new
            {
                rule.OnDrift,
                rule.BadShare,
                rule.Schedule,
                rule.Rows,
            }
        );
        await work.SaveAsync(cancellationToken);
        await schedules.ApplyAsync(rule, cancellationToken);
    }

    internal async Task<Guid> OpenAsync(
        ProjectWork work,
        Deployment deployment,
        RetrainingCause cause,
        string why,
        CancellationToken cancellationToken
    )
    {
        if (await WhyNotAsync(work, deployment, cancellationToken) is { } refusal)
        {
            throw new RuleViolationException(refusal);
        }

        var retraining = new Retraining(work.ProjectId, deployment.Id, deployment.LiveVersionId!.Value, cause, why, work.Now);
        work.Db.Retrainings.Add(retraining);
        work.Audit("retraining.opened", deployment.Id, null, new { cause, retraining.Why });
        await work.SaveAsync(cancellationToken);
        return retraining.Id;
    }

    private static async Task<string?> WhyNotAsync(ProjectWork work, Deployment deployment, CancellationToken cancellationToken)
    {
        if (deployment.RetiredAt is not null)
        {
            return "The endpoint is retired.";
        }

        if (deployment.LiveVersionId is not { } live)
        {
            return "Nothing is live yet that could be retrained.";
        }

        if (await work.Db.DeploymentVersions.AnyAsync(v => v.Id == live && v.RunId == null, cancellationToken))
        {
            return RetrainingLookup.NoRun;
        }

        return await work.Db.Retrainings.AnyAsync(
            r => r.DeploymentId == deployment.Id && r.State == RetrainingState.Open,
            cancellationToken
        )
            ? "A retraining of this endpoint is open already. Finish or dismiss it first."
            : null;
    }

    private static async Task<Deployment> EndpointAsync(ProjectWork work, Guid id, CancellationToken cancellationToken) =>
        await work.Db.Deployments.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id && d.ProjectId == work.ProjectId, cancellationToken)
        ?? throw new NotFoundException("The project has no such endpoint.");

    private async Task<RetrainingView> ViewAsync(ProjectWork work, Retraining open, CancellationToken cancellationToken)
    {
        var liveId = await work
            .Db.DeploymentVersions.Where(v => v.Id == open.LiveVersionId)
            .Select(v => v.RunId)
            .SingleAsync(cancellationToken);
        var live = liveId is { } id ? await runs.GetAsync(work.Caller, work.ProjectId, id, cancellationToken) : null;
        var names = await work.VersionNamesAsync(new[] { open.SampleVersionId, open.DataVersionId }.OfType<Guid>(), cancellationToken);
        return new RetrainingView(
            open,
            live,
            open.SampleVersionId is { } sample ? names.GetValueOrDefault(sample) : null,
            await LabelingAsync(work, open, cancellationToken),
            open.DataVersionId is { } data ? names.GetValueOrDefault(data) : null,
            await DataWaitsAsync(work, open, cancellationToken),
            open.RunId is { } run ? await runs.GetAsync(work.Caller, work.ProjectId, run, cancellationToken) : null,
            await EstimateAsync(work, open, live, cancellationToken)
        );
    }

    private static async Task<LabelingState?> LabelingAsync(ProjectWork work, Retraining open, CancellationToken cancellationToken)
    {
        if (await work.Db.LabelTasks.AsNoTracking().SingleOrDefaultAsync(t => t.Id == open.LabelTaskId, cancellationToken) is not { } task)
        {
            return null;
        }

        var items = work.Db.LabelItems.Where(i => i.TaskId == task.Id && !i.IsGold);
        return new LabelingState(
            task.Id,
            task.Name,
            await items.CountAsync(cancellationToken),
            await items.CountAsync(
                i => i.Final != null && (i.State == ItemState.Approved || i.State == ItemState.Agreed),
                cancellationToken
            )
        );
    }

    private static async Task<string?> DataWaitsAsync(ProjectWork work, Retraining open, CancellationToken cancellationToken) =>
        open.DataVersionId is not { } id
            ? null
            : await work.VersionAsync(id, cancellationToken) switch
            {
                { PublishedAt: null } => "It is not published yet.",
                { LeakRows: > 0, LeakReason: null } =>
                    "Rows stand among those they are judged by; a lead answers for them on its page, or they are cleaned out.",
                _ => null,
            };

    private async Task<RetrainingEstimate?> EstimateAsync(
        ProjectWork work,
        Retraining open,
        RunView? live,
        CancellationToken cancellationToken
    )
    {
        if (
            open.DataVersionId is not { } now
            || live?.Run is not { DatasetVersionId: { } before, Job: { StartedAt: { } started, EndedAt: { } ended } }
            || await RowsAsync(work, before, cancellationToken) is not (> 0 and var old)
            || await RowsAsync(work, now, cancellationToken) is not { } rows
        )
        {
            return null;
        }

        var time = (ended - started) * ((double)rows / old);
        var price = await work
            .Db.Projects.Where(p => p.Id == work.ProjectId)
            .Select(p => new { p.DeviceHourPrice, p.Currency })
            .SingleAsync(cancellationToken);
        return new RetrainingEstimate(time, price.DeviceHourPrice * time.TotalHours, price.Currency);
    }

    private async Task<long?> RowsAsync(ProjectWork work, Guid versionId, CancellationToken cancellationToken)
    {
        var version = await work.VersionAsync(versionId, cancellationToken);
        return version.Snapshot is null ? null : PublishedFiles.Of(version, files).Train?.Rows;
    }
}
