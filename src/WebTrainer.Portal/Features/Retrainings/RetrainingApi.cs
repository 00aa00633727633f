using Microsoft.AspNetCore.Http.HttpResults;
using WebTrainer.Domain.Monitoring;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Monitoring;

namespace WebTrainer.Portal.Features.Retrainings;

/// <summary>A retraining as the API shows it.</summary>
public sealed record RetrainingResource(
    Guid Id,
    RetrainingCause Cause,
    string Why,
    DateTimeOffset OpenedAt,
    RetrainingState State,
    string? Problem,
    Guid? SampleVersionId,
    Guid? LabelTaskId,
    Guid? DataVersionId,
    Guid? RunId,
    Guid? CandidateVersionId
)
{
    public static RetrainingResource Of(Retraining r) =>
        new(
            r.Id,
            r.Cause,
            r.Why,
            r.OpenedAt,
            r.State,
            r.Problem,
            r.SampleVersionId,
            r.LabelTaskId,
            r.DataVersionId,
            r.RunId,
            r.CandidateVersionId
        );
}

/// <summary>All of an endpoint's retrainings.</summary>
/// <param name="Open">Null where none is.</param>
/// <param name="EstimatedSeconds">Of the open one's run, by what the live run took; null where that isn't known.</param>
public sealed record RetrainingsResource(
    RuleRequest? Rule,
    RetrainingResource? Open,
    double? EstimatedSeconds,
    double? EstimatedCost,
    IReadOnlyList<RetrainingResource> Ended
);

/// <param name="Why">A sentence for those who come later; who asked is known without.</param>
public sealed record NewRetraining(string? Why = null);

/// <param name="TestShare">Of the decided rows, so many become test rows, from 0 to 1.</param>
public sealed record RetrainingData(double? TestShare = null);

/// <param name="Reason">Why it isn't needed.</param>
public sealed record RetrainingDismissal(string Reason);

/// <summary>The evaluations that were begun.</summary>
public sealed record BegunEvaluations(IReadOnlyList<Guid> Ids);

/// <summary>What a step made.</summary>
public sealed record MadeByStep(Guid Id);

/// <summary><c>/api/v1/projects/{projectId}/deployments/{deploymentId}/retrainings</c>, its rule and its steps.</summary>
public static class RetrainingApi
{
    public static void MapRetrainingApi(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/projects/{projectId:guid}/deployments/{deploymentId:guid}/retrainings").WithTags("Monitoring");
        group.MapGet("/", ListAsync).WithSummary("Retrainings of an endpoint, and when they are opened by themselves");
        group.MapPost("/", OpenAsync).WithSummary("Open a retraining as a draft: nothing trains or goes live by itself");
        group.MapPut("/rule", SetRuleAsync).WithSummary("Say when a retraining is opened by itself");
        var one = group.MapGroup("/{retrainingId:guid}");
        one.MapPost("/rows", TakeRowsAsync).WithSummary("Take requests as rows and make the task in which they are labeled");
        one.MapPost("/data", MakeDataAsync).WithSummary("Add the decided rows to what the live version learned from, and publish that");
        one.MapPost("/run", AskRunAsync).WithSummary("Ask for a run with the live settings on the new data; another person approves it");
        one.MapPost("/judge", JudgeAsync).WithSummary("Judge live and new run on the old test rows and on the new ones");
        one.MapPost("/draft", DraftAsync).WithSummary("Draft a version of the endpoint with the new run; ends the retraining");
        one.MapPost("/dismiss", DismissAsync).WithSummary("End a retraining without a candidate");
    }

    private static async Task<Ok<RetrainingsResource>> ListAsync(
        Guid projectId,
        Guid deploymentId,
        RetrainingService service,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var view = await service.ViewAsync(Caller.From(http.User), projectId, deploymentId, cancellationToken);
        return TypedResults.Ok(
            new RetrainingsResource(
                view.Rule is { } rule ? new RuleRequest(rule.OnDrift, rule.BadShare, rule.Schedule, rule.Rows) : null,
                view.Open is { } open ? RetrainingResource.Of(open.Retraining) : null,
                view.Open?.Estimate?.Time.TotalSeconds,
                view.Open?.Estimate?.Cost,
                [.. view.Ended.Select(RetrainingResource.Of)]
            )
        );
    }

    private static async Task<Ok<MadeByStep>> OpenAsync(
        Guid projectId,
        Guid deploymentId,
        NewRetraining form,
        RetrainingService service,
        HttpContext http,
        CancellationToken cancellationToken
    ) =>
        TypedResults.Ok(
            new MadeByStep(await service.OpenAsync(Caller.From(http.User), projectId, deploymentId, form.Why, cancellationToken))
        );

    private static async Task<NoContent> SetRuleAsync(
        Guid projectId,
        Guid deploymentId,
        RuleRequest form,
        RetrainingService service,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        await service.SetRuleAsync(Caller.From(http.User), projectId, deploymentId, form, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> TakeRowsAsync(
        Guid projectId,
        Guid deploymentId,
        Guid retrainingId,
        SampleRequest form,
        RetrainingSteps steps,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        await steps.TakeRowsAsync(Caller.From(http.User), projectId, deploymentId, retrainingId, form, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> MakeDataAsync(
        Guid projectId,
        Guid deploymentId,
        Guid retrainingId,
        RetrainingData form,
        RetrainingSteps steps,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        await steps.MakeDataAsync(
            Caller.From(http.User),
            projectId,
            deploymentId,
            retrainingId,
            form.TestShare ?? RetrainingSteps.UsualTestShare,
            cancellationToken
        );
        return TypedResults.NoContent();
    }

    private static async Task<Ok<MadeByStep>> AskRunAsync(
        Guid projectId,
        Guid deploymentId,
        Guid retrainingId,
        RetrainingSteps steps,
        HttpContext http,
        CancellationToken cancellationToken
    ) =>
        TypedResults.Ok(
            new MadeByStep(await steps.AskRunAsync(Caller.From(http.User), projectId, deploymentId, retrainingId, cancellationToken))
        );

    private static async Task<Ok<BegunEvaluations>> JudgeAsync(
        Guid projectId,
        Guid deploymentId,
        Guid retrainingId,
        RetrainingSteps steps,
        HttpContext http,
        CancellationToken cancellationToken
    ) =>
        TypedResults.Ok(
            new BegunEvaluations(await steps.JudgeAsync(Caller.From(http.User), projectId, deploymentId, retrainingId, cancellationToken))
        );

    private static async Task<Ok<MadeByStep>> DraftAsync(
        Guid projectId,
        Guid deploymentId,
        Guid retrainingId,
        RetrainingSteps steps,
        HttpContext http,
        CancellationToken cancellationToken
    ) =>
        TypedResults.Ok(
            new MadeByStep(await steps.DraftAsync(Caller.From(http.User), projectId, deploymentId, retrainingId, cancellationToken))
        );

    private static async Task<NoContent> DismissAsync(
        Guid projectId,
        Guid deploymentId,
        Guid retrainingId,
        RetrainingDismissal form,
        RetrainingSteps steps,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        await steps.DismissAsync(Caller.From(http.User), projectId, deploymentId, retrainingId, form.Reason, cancellationToken);
        return TypedResults.NoContent();
    }
}
