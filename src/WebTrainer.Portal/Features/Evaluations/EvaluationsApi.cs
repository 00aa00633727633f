using Microsoft.AspNetCore.Http.HttpResults;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Evaluations.Benchmarks;
using WebTrainer.Portal.Features.Evaluations.Examples;
using WebTrainer.Portal.Hosting;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Evaluations;

/// <summary>An evaluation as the API shows it; <c>report</c> is null until it is done.</summary>
public sealed record EvaluationResource(
    Guid Id,
    int Number,
    string Status,
    double Progress,
    double? SecondsLeft,
    string? FailureCause,
    IReadOnlyList<Guid> RunIds,
    EvaluationReport? Report,
    string? Problem
)
{
    public static EvaluationResource Of(EvaluationView view)
    {
        var (evaluation, job) = (view.Evaluation, view.Evaluation.Job!);
        return new EvaluationResource(
            evaluation.Id,
            evaluation.Number,
            job.State.ToString().ToLowerInvariant(),
            job.Progress,
            job.SecondsLeft,
            job.FailureCause,
            evaluation.RunIds,
            view.Report,
            view.Problem
        );
    }
}

/// <summary><c>/api/v1/projects/{projectId}/evaluations</c>.</summary>
public static class EvaluationsApi
{
    public static void MapEvaluationsApi(this IEndpointRouteBuilder api)
    {
        var evaluations = api.MapGroup("/projects/{projectId:guid}/evaluations").WithTags("Evaluations");
        evaluations
            .MapGet(
                "",
                async (Guid projectId, EvaluationService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(
                        (await service.ListAsync(Caller.From(http.User), projectId, cancellationToken)).Select(EvaluationResource.Of)
                    )
            )
            .WithSummary("All evaluations of the project");
        evaluations.MapPost("", StartAsync).AnswersWithWhatItMade().WithSummary("Judge base and runs on the test rows");
        evaluations
            .MapGet(
                "/{evaluationId:guid}",
                async (
                    Guid projectId,
                    Guid evaluationId,
                    EvaluationService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    TypedResults.Ok(
                        EvaluationResource.Of(await service.GetAsync(Caller.From(http.User), projectId, evaluationId, cancellationToken))
                    )
            )
            .WithSummary("One evaluation with its figures");
        evaluations
            .MapPost(
                "/{evaluationId:guid}/stop",
                async (
                    Guid projectId,
                    Guid evaluationId,
                    EvaluationService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                {
                    await service.StopAsync(Caller.From(http.User), projectId, evaluationId, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("End it; what was answered is kept");
        evaluations
            .MapPost(
                "/{evaluationId:guid}/resume",
                async (
                    Guid projectId,
                    Guid evaluationId,
                    EvaluationService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                {
                    await service.ResumeAsync(Caller.From(http.User), projectId, evaluationId, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("Go on behind the last answer");
        evaluations.MapGet("/{evaluationId:guid}/examples", ExamplesAsync).WithSummary("Example by example, each model's answer");
        evaluations
            .MapGet("/{evaluationId:guid}/benchmarks/{benchmark:int}", QuestionsAsync)
            .WithSummary("Questions of a benchmark, each model's answer");
        MapBenchmarks(api.MapGroup("/projects/{projectId:guid}/benchmarks").WithTags("Evaluations"));
    }

    private static async Task<Created<EvaluationResource>> StartAsync(
        Guid projectId,
        EvaluationRequest evaluation,
        EvaluationService service,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var caller = Caller.From(http.User);
        var id = await service.StartAsync(caller, projectId, evaluation, cancellationToken);
        return TypedResults.Created(
            $"/api/v1/projects/{projectId}/evaluations/{id}",
            EvaluationResource.Of(await service.GetAsync(caller, projectId, id, cancellationToken))
        );
    }

    private static void MapBenchmarks(RouteGroupBuilder benchmarks)
    {
        benchmarks
            .MapGet(
                "",
                async (Guid projectId, BenchmarkLibrary library, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await library.ListAsync(Caller.From(http.User), projectId, cancellationToken))
            )
            .WithSummary("Published benchmarks that the project has");
        benchmarks
            .MapPost(
                "",
                async (Guid projectId, Guid uploadId, BenchmarkLibrary library, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await library.AddAsync(Caller.From(http.User), projectId, uploadId, cancellationToken))
            )
            .WithSummary("Make a benchmark of an uploaded file");
        benchmarks
            .MapDelete(
                "/{benchmarkId:guid}",
                async (Guid projectId, Guid benchmarkId, BenchmarkLibrary library, HttpContext http, CancellationToken cancellationToken) =>
                {
                    await library.RemoveAsync(Caller.From(http.User), projectId, benchmarkId, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("Offer a benchmark no more");
    }

    private static async Task<Ok<QuestionPage>> QuestionsAsync(
        Guid projectId,
        Guid evaluationId,
        int benchmark,
        EvaluationService service,
        HttpContext http,
        CancellationToken cancellationToken,
        string? category = null,
        bool differing = false,
        int skip = 0,
        int take = 50
    ) =>
        TypedResults.Ok(
            await service.QuestionsAsync(
                Caller.From(http.User),
                projectId,
                evaluationId,
                benchmark,
                category,
                differing,
                skip,
                take,
                cancellationToken
            )
        );

    private static async Task<Ok<ExamplePage>> ExamplesAsync(
        Guid projectId,
        Guid evaluationId,
        string model,
        EvaluationService service,
        HttpContext http,
        CancellationToken cancellationToken,
        ExampleFilter filter = ExampleFilter.All,
        string? contains = null,
        int skip = 0,
        int take = 50
    ) =>
        TypedResults.Ok(
            await service.ExamplesAsync(
                Caller.From(http.User),
                projectId,
                evaluationId,
                model,
                filter,
                contains,
                skip,
                take,
                cancellationToken
            )
        );
}
