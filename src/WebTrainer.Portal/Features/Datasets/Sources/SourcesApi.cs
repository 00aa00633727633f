using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Datasets.Sources;

/// <param name="Message">What was found there, in a sentence.</param>
public sealed record SourceTest(string Message);

/// <summary><c>/api/v1/projects/{projectId}/sources</c>.</summary>
public static class SourcesApi
{
    public static void MapSourcesApi(this IEndpointRouteBuilder project)
    {
        var sources = project.MapGroup("/sources").WithTags("Sources");
        sources
            .MapGet(
                "",
                async (Guid projectId, SourceService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.ListAsync(Caller.From(http.User), projectId, cancellationToken))
            )
            .WithSummary("Sources of rows; credentials are never shown");
        sources
            .MapPost(
                "",
                async (Guid projectId, SourceForm form, SourceService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.SaveAsync(Caller.From(http.User), projectId, null, form, cancellationToken))
            )
            .WithSummary("Keep a new source");
        sources
            .MapPut(
                "/{sourceId:guid}",
                async (
                    Guid projectId,
                    Guid sourceId,
                    SourceForm form,
                    SourceService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) => TypedResults.Ok(await service.SaveAsync(Caller.From(http.User), projectId, sourceId, form, cancellationToken))
            )
            .WithSummary("Change a source; without a secret its credentials stay");
        sources
            .MapDelete(
                "/{sourceId:guid}",
                async (Guid projectId, Guid sourceId, SourceService service, HttpContext http, CancellationToken cancellationToken) =>
                {
                    await service.RemoveAsync(Caller.From(http.User), projectId, sourceId, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("Remove a source; its datasets stay");
        sources
            .MapPost(
                "/test",
                async (Guid projectId, SourceForm form, SourceService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(
                        new SourceTest(await service.TestAsync(Caller.From(http.User), projectId, null, form, cancellationToken))
                    )
            )
            .WithSummary("Reach a source without keeping it");
        sources
            .MapPost(
                "/{sourceId:guid}/sync",
                async (Guid projectId, Guid sourceId, SourceService service, HttpContext http, CancellationToken cancellationToken) =>
                {
                    var operation = await service.StartSyncAsync(Caller.From(http.User), projectId, sourceId, cancellationToken);
                    return TypedResults.Ok(await operation.Completion.WaitAsync(cancellationToken));
                }
            )
            .WithSummary("Fetch what is new; answers when it is a version");
    }
}
