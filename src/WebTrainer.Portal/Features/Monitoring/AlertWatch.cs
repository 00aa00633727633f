using System.Globalization;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Monitoring;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Pipeline.Traffic;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Monitoring;

/// <summary>Looks at each rule every minute and tells what is above its limit, in the portal and by the rule's webhook.</summary>
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
    private readonly SafeHttp _safe;
    private readonly HttpClient _http;

    public AlertWatch(
        IDbContextFactory<AppDb> databases,
        DataFolder folder,
        TrafficLog log,
        TrafficDrift drift,
        IOptions<ConnectorOptions> connectors,
        TimeProvider time,
        ILogger<AlertWatch> logger
    )
        : base(logger)
    {
        (_databases, _time, _drift, _log) = (databases, time, drift, log);
        (_files, _hours) = (new TrafficFiles(folder.Traffic), new TrafficHours(new TrafficFiles(folder.Traffic), folder.Temporary));
        _safe = new SafeHttp(connectors.Value);
        _http = new HttpClient(_safe.Handler()) { Timeout = TimeSpan.FromSeconds(connectors.Value.TimeoutSeconds) };
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
            if (watched.Rule.Note(sentence, _time.GetUtcNow()) && watched.Rule.Webhook is { } address)
            {
                await TellAsync(address, watched.Rule, watched.Deployment, cancellationToken);
            }
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _http.Dispose();
        _safe.Dispose();
        base.Dispose();
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

    /// <summary>A receiver that is away must not hold up the others; what was told stays on the page.</summary>
    private async Task TellAsync(string address, AlertRule rule, Deployment deployment, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.PostAsJsonAsync(
                SafeHttp.Parse(address),
                new
                {
                    alert = rule.Kind.ToString(),
                    endpoint = deployment.Name,
                    text = rule.Sentence,
                    since = rule.FiringSince,
                    project = deployment.ProjectId,
                },
                cancellationToken
            );
            response.EnsureSuccessStatusCode();
        }
        catch (Exception exception)
            when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            Logger.LogWarning(exception, "The webhook of alert {Rule} could not be told", rule.Id);
        }
    }
}
