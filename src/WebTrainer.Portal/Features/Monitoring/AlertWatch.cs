using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Monitoring;
using WebTrainer.Domain.Notices;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Traffic;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Features.Notices;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Monitoring;

/// <summary>Looks at each rule every minute and tells what is above its limit, in the portal, and by notices.</summary>
public sealed class AlertWatch : SteadyService
{
    private static readonly TimeSpan s_every = TimeSpan.FromMinutes(1);

    /// <summary>Longer times are looked at by whole hours, whose sums are there.</summary>
    private const int MostMinutesOfRows = 120;
    private const int ServerError = 500;
    private readonly IDbContextFactory<AppDb> _databases;
    private readonly TimeProvider _time;
    private readonly TrafficDrift _drift;
    private readonly TrafficHours _hours;
    private readonly TrafficFiles _files;
    private readonly TrafficLog _log;
    private readonly Outbox _outbox;

    public AlertWatch(
        IDbContextFactory<AppDb> databases,
        DataFolder folder,
        TrafficLog log,
        TrafficDrift drift,
        Outbox outbox,
        TimeProvider time,
        ILogger<AlertWatch> logger
    )
        : base(logger)
    {
        (_databases, _time, _drift, _log, _outbox) = (databases, time, drift, log, outbox);
        (_files, _hours) = (new TrafficFiles(folder.Traffic), new TrafficHours(new TrafficFiles(folder.Traffic), folder.Temporary));
    }

    /// <summary>Looks once at all rules.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        await using var db = await _databases.CreateDbContextAsync(cancellationToken);
        var rules = await db
            .AlertRules.Join(
                db.Deployments.Where(d => d.RetiredAt == null),
                r => r.DeploymentId,
                d => d.Id,
                (r, d) => new { Rule = r, Deployment = d }
            )
            .ToListAsync(cancellationToken);
        foreach (var watched in rules)
        {
            var sentence = await FindAsync(db, watched.Rule, watched.Deployment, cancellationToken);
            if (watched.Rule.Note(sentence, _time.GetUtcNow()))
            {
                await TellAsync(db, watched.Rule, watched.Deployment, cancellationToken);
            }
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    protected override async Task WorkAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_every, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await LookAsync(stoppingToken);
        }
    }

    /// <returns>What is above its limit; null where nothing is, or nothing can be said.</returns>
    private async Task<string?> FindAsync(AppDb db, AlertRule rule, Deployment deployment, CancellationToken cancellationToken)
    {
        _log.Write();
        var now = _time.GetUtcNow();
        if (rule.Kind == AlertKind.Drift)
        {
            return _drift.LastOf(deployment.Id)?.Report.Findings.FirstOrDefault(f => f.IsAlarm)?.Sentence;
        }

        if (rule.Kind == AlertKind.BadFeedback)
        {
            var since = now.AddMinutes(-rule.WindowMinutes);
            var said = await db
                .Feedbacks.AsNoTracking()
                .Where(f => f.DeploymentId == deployment.Id && f.At >= since)
                .ToListAsync(cancellationToken);
            var (bad, all) = (said.Count(f => f.IsGood == false), said.Count(f => f.IsGood is not null));
            return all > 0 && (double)bad / all > rule.Limit
                ? $"{bad} of {all} answers of '{deployment.Name}' were said to be bad in the last {rule.WindowMinutes} minutes ({Format.Percent((double)bad / all)}; the limit is {Format.Percent(rule.Limit)})."
                : null;
        }

        if (rule.Kind is AlertKind.TokensOfMonth or AlertKind.CostOfMonth)
        {
            var month = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero);
            var sums = TrafficSums.Of(_hours.Read(deployment.Id, month, now.AddHours(1), cancellationToken).Values);
            if (rule.Kind == AlertKind.TokensOfMonth)
            {
                var tokens = sums.PromptTokens + sums.CompletionTokens;
                return tokens > rule.Limit
                    ? $"'{deployment.Name}' has used {Format.Count(tokens)} tokens this month; the limit is {Format.Count((long)rule.Limit)}."
                    : null;
            }

            var price = await db
                .Projects.Where(p => p.Id == deployment.ProjectId)
                .Select(p => new { p.DeviceHourPrice, p.Currency })
                .SingleAsync(cancellationToken);
            var cost = price.DeviceHourPrice * sums.BusyMilliseconds / TimeSpan.FromHours(1).TotalMilliseconds;
            return cost > rule.Limit
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"'{deployment.Name}' has cost {cost:0.00} {price.Currency} this month; the limit is {rule.Limit:0.##}."
                )
                : null;
        }

        return OfWindow(rule, deployment, now, cancellationToken);
    }

    private string? OfWindow(AlertRule rule, Deployment deployment, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var from = now.AddMinutes(-rule.WindowMinutes);
        var (sums, failed) =
            rule.WindowMinutes > MostMinutesOfRows ? OfHours(deployment, from, now, cancellationToken) : OfRows(deployment, from);

        if (sums.Requests == 0)
        {
            return null;
        }

        var share = (double)failed / sums.Requests;
        var slow = sums.Total.Quantile(0.95) ?? 0;
        return rule.Kind switch
        {
            AlertKind.ErrorRate when share > rule.Limit =>
                $"{failed} of {sums.Requests} requests to '{deployment.Name}' failed in the last {rule.WindowMinutes} minutes ({Format.Percent(share)}; the limit is {Format.Percent(rule.Limit)}).",
            AlertKind.SlowAnswers when slow > rule.Limit => string.Create(
                CultureInfo.InvariantCulture,
                $"95 of 100 answers of '{deployment.Name}' took up to {slow:0} ms in the last {rule.WindowMinutes} minutes; the limit is {rule.Limit:0} ms."
            ),
            _ => null,
        };
    }

    private (TrafficSums Sums, long Failed) OfRows(Deployment deployment, DateTimeOffset from)
    {
        var (sums, failed) = (new TrafficSums(), 0L);
        foreach (
            var record in _files
                .RowFiles(deployment.Id)
                .Where(file => TrafficFiles.HourOf(file).AddHours(1) > from)
                .SelectMany(TrafficFiles.Read)
                .Where(r => r.At >= from && !r.Shadow)
        )
        {
            sums.Add(record);
            failed += record.Status >= ServerError ? 1 : 0;
        }

        return (sums, failed);
    }

    private (TrafficSums Sums, long Failed) OfHours(
        Deployment deployment,
        DateTimeOffset from,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var parts = _hours.Read(deployment.Id, from, now.AddHours(1), cancellationToken).Where(p => !p.Key.Shadow).ToList();
        return (TrafficSums.Of(parts.Select(p => p.Value)), parts.Where(p => p.Key.Status >= ServerError).Sum(p => p.Value.Requests));
    }

    /// <summary>People and programs are told by the same way as of anything else.</summary>
    private async Task TellAsync(AppDb db, AlertRule rule, Deployment deployment, CancellationToken cancellationToken)
    {
        var members = await db.Memberships.AsNoTracking().Where(m => m.ProjectId == deployment.ProjectId).ToListAsync(cancellationToken);
        var notice = new Notice(
            deployment.ProjectId,
            NoticeTopic.Alert,
            $"Look at the endpoint {deployment.Name}",
            $"{rule.Sentence} Look at what it was asked, and take it back to an earlier version where it has to be.",
            $"/p/{deployment.ProjectId}/deploy/{deployment.Id}",
            [.. members.Where(m => m.Role.Allows(Permission.ManageDeployments)).Select(m => m.UserId)]
        )
        {
            Details = new JsonObject
            {
                ["alert"] = rule.Kind.ToString(),
                ["endpoint"] = deployment.Name,
                ["since"] = rule.FiringSince,
            },
        };
        await _outbox.AddAsync(db, notice, rule.Webhook, cancellationToken);
    }
}
