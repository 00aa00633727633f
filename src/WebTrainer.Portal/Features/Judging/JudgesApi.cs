using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Judging;

public sealed record JudgeTest(string Said);

public sealed record JudgeId(Guid Id);

/// <summary><c>/api/v1/projects/{projectId}/judges</c> and <c>…/judgings</c>.</summary>
public static class JudgesApi
{
    public static void MapJudgesApi(this IEndpointRouteBuilder api)
    {
        var judges = api.MapGroup("/projects/{projectId:guid}/judges").WithTags("Judges");
        judges
            .MapGet(
                "",
                async (Guid projectId, JudgeService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.ListAsync(Caller.From(http.User), projectId, cancellationToken))
            )
            .WithSummary("Judge models of the project, with how they stood to experts");
        judges
            .MapPost(
                "",
                async (Guid projectId, JudgeForm form, JudgeService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(new JudgeId(await service.SaveAsync(Caller.From(http.User), projectId, null, form, cancellationToken)))
            )
            .WithSummary("Keep a new judge");
        judges
            .MapPut(
                "/{judgeId:guid}",
                async (
                    Guid projectId,
                    Guid judgeId,
                    JudgeForm form,
                    JudgeService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    TypedResults.Ok(
                        new JudgeId(await service.SaveAsync(Caller.From(http.User), projectId, judgeId, form, cancellationToken))
                    )
            )
            .WithSummary("Change a judge; without a key its key stays");
        judges
            .MapPost(
                "/test",
                async (Guid projectId, JudgeForm form, JudgeService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(
                        new JudgeTest(await service.TestAsync(Caller.From(http.User), projectId, null, form, cancellationToken))
                    )
            )
            .WithSummary("Ask a judge something plain without keeping it");
        judges
            .MapPost(
                "/{judgeId:guid}/retire",
                async (Guid projectId, Guid judgeId, JudgeService service, HttpContext http, CancellationToken cancellationToken) =>
                {
                    await service.RetireAsync(Caller.From(http.User), projectId, judgeId, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("Take a judge out of use");
        judges
            .MapPost(
                "/{judgeId:guid}/judgings",
                async (
                    Guid projectId,
                    Guid judgeId,
                    JudgeWorkRequest request,
                    JudgeWorkService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    TypedResults.Ok(
                        new JudgeId(await service.StartAsync(Caller.From(http.User), projectId, judgeId, request, cancellationToken))
                    )
            )
            .WithSummary("Hold a judge against experts, or have it judge an evaluation's models");
        judges
            .MapGet(
                "/{judgeId:guid}/judgings",
                async (Guid projectId, Guid judgeId, JudgeWorkService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.OfJudgeAsync(Caller.From(http.User), projectId, judgeId, cancellationToken))
            )
            .WithSummary("What a judge has done and does");
        var works = api.MapGroup("/projects/{projectId:guid}/judgings/{workId:guid}").WithTags("Judges");
        works
            .MapGet(
                "",
                async (Guid projectId, Guid workId, JudgeWorkService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.GetAsync(Caller.From(http.User), projectId, workId, cancellationToken))
            )
            .WithSummary("One judging with its figures and the judge's calibration");
        works
            .MapPost(
                "/stop",
                async (Guid projectId, Guid workId, JudgeWorkService service, HttpContext http, CancellationToken cancellationToken) =>
                {
                    await service.StopAsync(Caller.From(http.User), projectId, workId, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("End it; what was answered is kept");
        works
            .MapPost(
                "/resume",
                async (Guid projectId, Guid workId, JudgeWorkService service, HttpContext http, CancellationToken cancellationToken) =>
                {
                    await service.ResumeAsync(Caller.From(http.User), projectId, workId, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("Go on behind the last reply");
    }
}
