using Microsoft.AspNetCore.Http.HttpResults;
using WebTrainer.Portal.Access;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Evaluations;

public sealed record NewEvaluation(IReadOnlyList<Guid> RunIds, int? MaxRows)
{
    /// <summary>Judge the tuned models at these precisions too: <c>eightBits</c>, <c>fourBits</c>.</summary>
    public IReadOnlyList<WeightPrecision> Packed { get; init; } = [];
}

/// <summary>An evaluation as the API shows it; <c>report</c> is null until it is done.</summary>
public sealed record EvaluationResource(
    Guid Id, int Number, string Status, double Progress, double? SecondsLeft, string? FailureCause, IReadOnlyList<Guid> RunIds, EvaluationReport? Report)
{
    public static EvaluationResource Of(EvaluationView view)
    {
        var (evaluation, job) = (view.Evaluation, view.Evaluation.Job!);
        return new EvaluationResource(
            evaluation.Id, evaluation.Number, job.State.ToString().ToLowerInvariant(), job.Progress, job.SecondsLeft, job.FailureCause, evaluation.RunIds, view.Report);
    }
}

/// <summary><c>/api/v1/projects/{projectId}/evaluations</c>.</summary>
public static class EvaluationsApi
{
    public static void MapEvaluationsApi(this IEndpointRouteBuilder api)
    {
        var evaluations = api.MapGroup("/projects/{projectId:guid}/evaluations").WithTags("Evaluations");
        evaluations.MapGet("", async (Guid projectId, EvaluationService service, HttpContext http, CancellationToken ct) =>
            TypedResults.Ok((await service.ListAsync(Caller.From(http.User), projectId, ct)).Select(EvaluationResource.Of))).WithSummary("All evaluations of the project");
        evaluations.MapPost("", StartAsync).WithSummary("Judge base and runs on the test rows");
        evaluations.MapGet("/{evaluationId:guid}", async (Guid projectId, Guid evaluationId, EvaluationService service, HttpContext http, CancellationToken ct) =>
            TypedResults.Ok(EvaluationResource.Of(await service.GetAsync(Caller.From(http.User), projectId, evaluationId, ct)))).WithSummary("One evaluation with its figures");
        evaluations.MapGet("/{evaluationId:guid}/examples", ExamplesAsync).WithSummary("Example by example, each model's answer");
    }

    private static async Task<Created<EvaluationResource>> StartAsync(
        Guid projectId, NewEvaluation evaluation, EvaluationService service, HttpContext http, CancellationToken ct)
    {
        var caller = Caller.From(http.User);
        var id = await service.StartAsync(caller, projectId, evaluation.RunIds, evaluation.MaxRows, evaluation.Packed, ct);
        return TypedResults.Created(
            $"/api/v1/projects/{projectId}/evaluations/{id}", EvaluationResource.Of(await service.GetAsync(caller, projectId, id, ct)));
    }

    private static async Task<Ok<ExamplePage>> ExamplesAsync(
        Guid projectId, Guid evaluationId, string model, EvaluationService service, HttpContext http, CancellationToken ct,
        ExampleFilter filter = ExampleFilter.All, string? contains = null, int skip = 0, int take = 50) =>
        TypedResults.Ok(await service.ExamplesAsync(Caller.From(http.User), projectId, evaluationId, model, filter, contains, skip, take, ct));
}
