using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Monitoring;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Traffic;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Monitoring;

/// <summary>What endpoints did: figures for those who see results, single requests for those who manage endpoints.</summary>
public sealed class MonitoringService(Authorizer authorizer, DataFolder folder, TrafficLog log)
{
    /// <summary>Requests of a page at most.</summary>
    public const int MaxRequests = 200;

    private const int ServerError = 500,
        ClientError = 400;
    private readonly TrafficFiles _files = new(folder.Traffic);
    private readonly TrafficHours _hours = new(new TrafficFiles(folder.Traffic), folder.Temporary);

    public async Task<TrafficView> TrafficAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        Period period,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        await work.EndpointAsync(deploymentId, cancellationToken);
        var versions = await work
            .Db.DeploymentVersions.AsNoTracking()
            .Where(v => v.DeploymentId == deploymentId)
            .OrderByDescending(v => v.Number)
            .ToListAsync(cancellationToken);
        var (from, until, step) = Bounds(period, work.Now);
        var said = await work
            .Db.Feedbacks.AsNoTracking()
            .Where(f => f.DeploymentId == deploymentId && f.At >= from && f.At < until)
            .ToListAsync(cancellationToken);
        var price = await work
            .Db.Projects.Where(p => p.Id == projectId)
            .Select(p => new { p.DeviceHourPrice, p.Currency })
            .SingleAsync(cancellationToken);
        var sums = await Task.Run(() => Sums(deploymentId, from, until, period, cancellationToken), cancellationToken);
        var served = TrafficSums.Of(sums.Where(s => !s.Key.Shadow).Select(s => s.Value));
        var costOfMillisecond = price.DeviceHourPrice / TimeSpan.FromHours(1).TotalMilliseconds;
        return new TrafficView(
            from,
            until,
            step,
            [.. Slices(sums, from, until, step)],
            [.. versions.Select(v => Of(v, sums, said)).Where(v => v.Served.Requests + v.Shadow.Requests > 0)],
            served,
            Said(said),
            costOfMillisecond * served.BusyMilliseconds,
            price.Currency,
            // who asked is for those who see single requests
            work.Role.Allows(Permission.ManageDeployments)
                ?
                [
                    .. served
                        .Callers.OrderByDescending(c => c.Value.Milliseconds)
                        .Select(c => new CallerTraffic(c.Key, c.Value, costOfMillisecond * c.Value.Milliseconds)),
                ]
                : null,
            log.Lost,
            log.Problem
        );
    }

    /// <summary>Single requests of a time, the newest first. Their texts are there where a lead has asked for that.</summary>
    /// <param name="failed">Only those that were not answered.</param>
    public async Task<IReadOnlyList<RequestView>> RequestsAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        DateTimeOffset from,
        DateTimeOffset until,
        bool failed,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageDeployments, cancellationToken);
        var deployment = await work.EndpointAsync(deploymentId, cancellationToken);
        var numbers = await work
            .Db.DeploymentVersions.Where(v => v.DeploymentId == deploymentId)
            .ToDictionaryAsync(v => v.Id, v => v.Number, cancellationToken);
        log.Write();
        var records = _files
            .RowFiles(deploymentId)
            .Reverse()
            .Where(file => TrafficFiles.HourOf(file) is var hour && hour.AddHours(1) > from && hour < until)
            .SelectMany(file => TrafficFiles.Read(file).Reverse())
            .Where(r => r.At >= from && r.At < until && (!failed || r.Status >= ClientError))
            .Take(MaxRequests)
            .ToList();
        var ids = records.Select(r => r.Id).ToList();
        var said = await work
            .Db.Feedbacks.AsNoTracking()
            .Where(f => f.DeploymentId == deploymentId && ids.Contains(f.RequestId))
            .ToDictionaryAsync(f => f.RequestId, cancellationToken);
        if (records.Exists(r => r.Prompt is not null))
        {
            work.Audit("deployment.texts-read", deployment.Id, null, new { From = from, Until = until });
            await work.SaveAsync(cancellationToken);
        }

        return [.. records.Select(r => new RequestView(r, numbers.GetValueOrDefault(r.Version), said.GetValueOrDefault(r.Id)?.IsGood))];
    }

    private Dictionary<TrafficKey, TrafficSums> Sums(
        Guid deploymentId,
        DateTimeOffset from,
        DateTimeOffset until,
        Period period,
        CancellationToken cancellationToken
    )
    {
        log.Write();
        if (period is Period.Month or Period.Year)
        {
            return new(_hours.ReadDays(deploymentId, from, until, cancellationToken));
        }

        if (period != Period.Hour)
        {
            return new(_hours.Read(deploymentId, from, until, cancellationToken));
        }

        // An hour is looked at by the minute, which only the rows know.
        var sums = new Dictionary<TrafficKey, TrafficSums>();
        foreach (var file in _files.RowFiles(deploymentId).Where(f => TrafficFiles.HourOf(f).AddHours(1) > from))
        {
            foreach (var record in TrafficFiles.Read(file).Where(r => r.At >= from && r.At < until))
            {
                var minute = new DateTimeOffset(record.At.UtcTicks / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute, TimeSpan.Zero);
                var key = new TrafficKey(minute, record.Version, record.Shadow, record.Status);
                if (!sums.TryGetValue(key, out var known))
                {
                    sums[key] = known = new TrafficSums();
                }

                known.Add(record);
            }
        }

        return sums;
    }

    private static IEnumerable<TrafficSlice> Slices(
        Dictionary<TrafficKey, TrafficSums> sums,
        DateTimeOffset from,
        DateTimeOffset until,
        TimeSpan step
    )
    {
        var served = sums.Where(s => !s.Key.Shadow).ToLookup(s => (s.Key.Hour - from).Ticks / step.Ticks);
        for (var at = from; at < until; at += step)
        {
            var part = served[(at - from).Ticks / step.Ticks].ToList();
            yield return new TrafficSlice(
                at,
                TrafficSums.Of(part.Select(s => s.Value)),
                part.Where(s => s.Key.Status >= ServerError).Sum(s => s.Value.Requests),
                part.Where(s => s.Key.Status is >= ClientError and < ServerError).Sum(s => s.Value.Requests)
            );
        }
    }

    private static VersionTraffic Of(DeploymentVersion version, Dictionary<TrafficKey, TrafficSums> sums, List<Feedback> said)
    {
        var own = sums.Where(s => s.Key.Version == version.Id).ToList();
        return new VersionTraffic(
            version,
            TrafficSums.Of(own.Where(s => !s.Key.Shadow).Select(s => s.Value)),
            TrafficSums.Of(own.Where(s => s.Key.Shadow).Select(s => s.Value)),
            own.Where(s => !s.Key.Shadow && s.Key.Status >= ServerError).Sum(s => s.Value.Requests),
            Said(said.Where(f => f.VersionId == version.Id))
        );
    }

    private static FeedbackSums Said(IEnumerable<Feedback> said)
    {
        var all = said.ToList();
        return new(
            all.LongCount(f => f.IsGood == true),
            all.LongCount(f => f.IsGood == false),
            all.LongCount(f => f.Corrected is not null)
        );
    }

    /// <summary>Whole steps, the last of which is still going on.</summary>
    private static (DateTimeOffset From, DateTimeOffset Until, TimeSpan Step) Bounds(Period period, DateTimeOffset now)
    {
        var (step, steps) = period switch
        {
            Period.Hour => (TimeSpan.FromMinutes(1), 60),
            Period.Day => (TimeSpan.FromHours(1), 24),
            Period.Week => (TimeSpan.FromHours(6), 28),
            Period.Month => (TimeSpan.FromDays(1), 31),
            _ => (TimeSpan.FromDays(7), 53),
        };
        var until = new DateTimeOffset((now.UtcTicks / step.Ticks + 1) * step.Ticks, TimeSpan.Zero);
        return (until - step * steps, until, step);
    }
}
