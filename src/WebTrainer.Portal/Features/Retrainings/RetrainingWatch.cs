using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Monitoring;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Features.Monitoring;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Retrainings;

/// <summary>
/// Opens drafts of retrainings by their rules, with the rights of who made the rule: found drift, bad answers, or a time that has come.
/// </summary>
public sealed class RetrainingWatch(
    IDbContextFactory<AppDb> databases,
    Authorizer authorizer,
    RetrainingService retrainings,
    RetrainingSteps steps,
    TrafficDrift drift,
    TimeProvider time,
    ILogger<RetrainingWatch> logger
) : SteadyService(logger)
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(10);

    /// <summary>Feedback is looked at so far back.</summary>
    private static readonly TimeSpan s_lately = TimeSpan.FromDays(7);

    /// <summary>What was refused is tried again after this long, for instance when who made the rule may no longer do so.</summary>
    private static readonly TimeSpan s_restAfterRefusal = TimeSpan.FromHours(1);

    private readonly System.Collections.Concurrent.ConcurrentDictionary<Guid, DateTimeOffset> _resting = new();

    /// <summary>Of fewer answers a share says nothing.</summary>
    public const int LeastSaid = 20;

    /// <summary>Looks once at all rules.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var (rule, deployment) in await RulesAsync(db, r => r.OnDrift || r.BadShare != null, cancellationToken))
        {
            if (_resting.GetValueOrDefault(deployment.Id) > time.GetUtcNow())
            {
                continue;
            }

            var since = await SinceAsync(db, rule, cancellationToken);
            if (DriftSince(rule, since) is { } drifted)
            {
                await OpenAsync(rule, deployment, RetrainingCause.Drift, drifted, cancellationToken);
            }
            else if (await BadSinceAsync(db, rule, since, cancellationToken) is { } bad)
            {
                await OpenAsync(rule, deployment, RetrainingCause.Quality, bad, cancellationToken);
            }
        }
    }

    /// <summary>Opens one whose time has come, where its rule still says so.</summary>
    public async Task OpenScheduledAsync(Guid deploymentId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (
            var (rule, deployment) in await RulesAsync(db, r => r.DeploymentId == deploymentId && r.Schedule != null, cancellationToken)
        )
        {
            await OpenAsync(rule, deployment, RetrainingCause.Schedule, $"Its time has come: {rule.Schedule}.", cancellationToken);
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

    private static async Task<IReadOnlyList<(RetrainingRule Rule, Deployment Deployment)>> RulesAsync(
        AppDb db,
        System.Linq.Expressions.Expression<Func<RetrainingRule, bool>> which,
        CancellationToken cancellationToken
    )
    {
        var found = await db
            .RetrainingRules.AsNoTracking()
            .Where(which)
            .Join(
                db.Deployments.AsNoTracking().Where(d => d.RetiredAt == null && d.LiveVersionId != null),
                r => r.DeploymentId,
                d => d.Id,
                (rule, deployment) => new { rule, deployment }
            )
            .Where(found => !db.Retrainings.Any(r => r.DeploymentId == found.deployment.Id && r.State == RetrainingState.Open))
            .ToListAsync(cancellationToken);
        return [.. found.Select(f => (f.rule, f.deployment))];
    }

    /// <summary>What was found before this was answered by a retraining, or before the rule was made.</summary>
    private static async Task<DateTimeOffset> SinceAsync(AppDb db, RetrainingRule rule, CancellationToken cancellationToken)
    {
        var ended = await db
            .Retrainings.Where(r => r.DeploymentId == rule.DeploymentId && r.ClosedAt != null)
            .MaxAsync(r => r.ClosedAt, cancellationToken);
        return ended > rule.ChangedAt ? ended.Value : rule.ChangedAt;
    }

    private string? DriftSince(RetrainingRule rule, DateTimeOffset since) =>
        rule.OnDrift && drift.LastOf(rule.DeploymentId) is { } view && view.At >= since
            ? view.Report.Findings.FirstOrDefault(f => f.IsAlarm)?.Sentence
            : null;

    private async Task<string?> BadSinceAsync(AppDb db, RetrainingRule rule, DateTimeOffset since, CancellationToken cancellationToken)
    {
        if (rule.BadShare is not { } limit)
        {
            return null;
        }

        var lately = time.GetUtcNow() - s_lately;
        var from = lately > since ? lately : since;
        var said = await db
            .Feedbacks.AsNoTracking()
            .Where(f => f.DeploymentId == rule.DeploymentId && f.At >= from)
            .ToListAsync(cancellationToken);
        var (bad, all) = (said.Count(f => f.IsGood == false), said.Count(f => f.IsGood is not null));
        return all >= LeastSaid && (double)bad / all > limit
            ? $"{bad} of {all} answers were said to be bad ({Format.Percent((double)bad / all)}; the limit is {Format.Percent(limit)})."
            : null;
    }

    private async Task OpenAsync(
        RetrainingRule rule,
        Deployment deployment,
        RetrainingCause cause,
        string why,
        CancellationToken cancellationToken
    )
    {
        var caller = new Caller(rule.ChangedBy, rule.ChangedByName);
        try
        {
            Guid id;
            await using (
                var work = await authorizer.OpenAsync(caller, deployment.ProjectId, Permission.ManageDeployments, cancellationToken)
            )
            {
                id = await retrainings.OpenAsync(work, deployment, cause, why, cancellationToken);
            }

            await TakeRowsAsync(caller, deployment, id, rule, cause, cancellationToken);
        }
        catch (Exception refused) when (RefusalHandler.StatusOf(refused) is not null)
        {
            _resting[deployment.Id] = time.GetUtcNow() + s_restAfterRefusal;
            Logger.LogWarning(
                "A retraining of endpoint {Endpoint} was not opened: {Why}",
                deployment.Id,
                RefusalHandler.SentenceOf(refused)
            );
        }
    }

    private async Task TakeRowsAsync(
        Caller caller,
        Deployment deployment,
        Guid id,
        RetrainingRule rule,
        RetrainingCause cause,
        CancellationToken cancellationToken
    )
    {
        var kind = cause switch
        {
            RetrainingCause.Drift => SampleKind.Drifted,
            RetrainingCause.Quality => SampleKind.BadFeedback,
            _ => SampleKind.Random,
        };
        try
        {
            await steps.TakeRowsAsync(
                caller,
                deployment.ProjectId,
                deployment.Id,
                id,
                new SampleRequest(kind, rule.Rows),
                cancellationToken
            );
        }
        catch (Exception refused) when (RefusalHandler.StatusOf(refused) is not null)
        {
            await using var work = await authorizer.OpenAsync(
                caller,
                deployment.ProjectId,
                Permission.ManageDeployments,
                cancellationToken
            );
            (await work.RetrainingAsync(deployment.Id, id, cancellationToken)).NoteProblem(RefusalHandler.SentenceOf(refused));
            await work.SaveAsync(cancellationToken);
        }
    }
}
