using WebTrainer.Domain.Monitoring;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Monitoring;

/// <summary>A point of an endpoint's traffic as the API shows it.</summary>
public sealed record SliceResource(
    DateTimeOffset At,
    long Requests,
    long Errors,
    long Refused,
    long PromptTokens,
    long CompletionTokens,
    double? MedianMilliseconds,
    double? P95Milliseconds,
    double? P99Milliseconds
);

/// <summary>An endpoint's traffic as the API shows it.</summary>
public sealed record TrafficResource(
    DateTimeOffset From,
    DateTimeOffset Until,
    long Requests,
    double? Cost,
    string Currency,
    long SaidGood,
    long SaidBad,
    IReadOnlyDictionary<string, long> Labels,
    IReadOnlyList<SliceResource> Slices
)
{
    public static TrafficResource Of(TrafficView view) =>
        new(
            view.From,
            view.Until,
            view.Served.Requests,
            view.Cost,
            view.Currency,
            view.Feedback.Good,
            view.Feedback.Bad,
            view.Served.Labels,
            [
                .. view.Slices.Select(s => new SliceResource(
                    s.At,
                    s.Served.Requests,
                    s.Errors,
                    s.Refused,
                    s.Served.PromptTokens,
                    s.Served.CompletionTokens,
                    s.Served.Total.Quantile(0.5),
                    s.Served.Total.Quantile(0.95),
                    s.Served.Total.Quantile(0.99)
                )),
            ]
        );
}

/// <summary>What one measure of drift says, as the API shows it.</summary>
public sealed record DriftFindingResource(
    string Measure,
    bool IsAlarm,
    string Sentence,
    double CorrectedP,
    IReadOnlyList<string> RequestIds
);

/// <summary>A look at drift as the API shows it.</summary>
public sealed record DriftResource(
    DateTimeOffset At,
    string Reference,
    int Requests,
    bool IsAlarm,
    IReadOnlyList<DriftFindingResource> Findings
)
{
    public static DriftResource Of(TrafficDriftView view) =>
        new(
            view.At,
            view.Reference,
            view.Report.WindowRows,
            view.Report.IsAlarm,
            [
                .. view.Report.Findings.Select(f => new DriftFindingResource(
                    f.Measure.ToString(),
                    f.IsAlarm,
                    f.Sentence,
                    f.CorrectedP,
                    f.ExampleIds
                )),
            ]
        );
}

/// <summary>An alert's rule as the API shows it.</summary>
public sealed record AlertResource(
    Guid Id,
    AlertKind Kind,
    double Limit,
    int WindowMinutes,
    int QuietMinutes,
    DateTimeOffset? FiringSince,
    string? Sentence
)
{
    public static AlertResource Of(AlertRule rule) =>
        new(rule.Id, rule.Kind, rule.Limit, rule.WindowMinutes, rule.QuietMinutes, rule.FiringSince, rule.Sentence);
}

/// <summary>
/// <c>/api/v1/projects/{projectId}/deployments/{deploymentId}/traffic</c>, <c>…/drift</c>, <c>…/samples</c> and <c>…/alerts</c>.
/// </summary>
public static class MonitoringApi
{
    public static void MapMonitoringApi(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/projects/{projectId:guid}/deployments/{deploymentId:guid}").WithTags("Monitoring");
        group
            .MapGet(
                "/traffic",
                async (
                    Guid projectId,
                    Guid deploymentId,
                    MonitoringService service,
                    HttpContext http,
                    CancellationToken cancellationToken,
                    string? period = null
                ) =>
                    TypedResults.Ok(
                        TrafficResource.Of(
                            await service.TrafficAsync(
                                Caller.From(http.User),
                                projectId,
                                deploymentId,
                                QueryWord.Parse<Period>(nameof(period), period) ?? Period.Day,
                                cancellationToken
                            )
                        )
                    )
            )
            .WithSummary("What an endpoint did in the last hour, day, week, month or year (period)");
        group
            .MapPost(
                "/drift",
                async (Guid projectId, Guid deploymentId, TrafficDrift drift, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(
                        DriftResource.Of(await drift.LookAsync(Caller.From(http.User), projectId, deploymentId, cancellationToken))
                    )
            )
            .WithSummary("Hold the last requests against what the live version learned from");
        group
            .MapPost(
                "/samples",
                async (
                    Guid projectId,
                    Guid deploymentId,
                    SampleRequest form,
                    TrafficSamples samples,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    TypedResults.Ok(
                        DatasetVersionId.Of(
                            await samples.TakeAsync(Caller.From(http.User), projectId, deploymentId, form, cancellationToken)
                        )
                    )
            )
            .WithSummary("Make a dataset version of requests, to be labeled");
        group
            .MapGet(
                "/alerts",
                async (Guid projectId, Guid deploymentId, AlertService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(
                        (await service.ListAsync(Caller.From(http.User), projectId, deploymentId, cancellationToken)).Select(
                            AlertResource.Of
                        )
                    )
            )
            .WithSummary("Rules by which somebody is told of what an endpoint does");
        group
            .MapPost(
                "/alerts",
                async (
                    Guid projectId,
                    Guid deploymentId,
                    NewAlert form,
                    AlertService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    TypedResults.Ok(
                        new AlertId(await service.AddAsync(Caller.From(http.User), projectId, deploymentId, form, cancellationToken))
                    )
            )
            .WithSummary("Add a rule");
        group
            .MapDelete(
                "/alerts/{ruleId:guid}",
                async (
                    Guid projectId,
                    Guid deploymentId,
                    Guid ruleId,
                    AlertService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                {
                    await service.RemoveAsync(Caller.From(http.User), projectId, deploymentId, ruleId, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("Remove a rule");
    }
}

/// <summary>A rule that was added.</summary>
public sealed record AlertId(Guid Id);

/// <summary>A version that was made of requests.</summary>
public sealed record DatasetVersionId(Guid DatasetId, int Number, long Rows)
{
    public static DatasetVersionId Of(VersionView view) => new(view.DatasetId, view.Number, view.Rows);
}
