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
        sources.MapGet("", async (Guid projectId, SourceService service, HttpContext http, CancellationToken ct) =>
            TypedResults.Ok(await service.ListAsync(Caller.From(http.User), projectId, ct))).WithSummary("Sources of rows; credentials are never shown");
        sources.MapPost("", async (Guid projectId, SourceForm form, SourceService service, HttpContext http, CancellationToken ct) =>
            TypedResults.Ok(await service.SaveAsync(Caller.From(http.User), projectId, null, form, ct))).WithSummary("Keep a new source");
        sources.MapPut("/{sourceId:guid}", async (Guid projectId, Guid sourceId, SourceForm form, SourceService service, HttpContext http, CancellationToken ct) =>
            TypedResults.Ok(await service.SaveAsync(Caller.From(http.User), projectId, sourceId, form, ct))).WithSummary("Change a source; without a secret its credentials stay");
        sources.MapDelete("/{sourceId:guid}", async (Guid projectId, Guid sourceId, SourceService service, HttpContext http, CancellationToken ct) =>
        {
            await service.RemoveAsync(Caller.From(http.User), projectId, sourceId, ct);
            return TypedResults.NoContent();
        }).WithSummary("Remove a source; its datasets stay");
        sources.MapPost("/test", async (Guid projectId, SourceForm form, SourceService service, HttpContext http, CancellationToken ct) =>
            TypedResults.Ok(new SourceTest(await service.TestAsync(Caller.From(http.User), projectId, null, form, ct)))).WithSummary("Reach a source without keeping it");
        sources.MapPost("/{sourceId:guid}/sync", async (Guid projectId, Guid sourceId, SourceService service, HttpContext http, CancellationToken ct) =>
        {
            var operation = await service.StartSyncAsync(Caller.From(http.User), projectId, sourceId, ct);
            return TypedResults.Ok(await operation.Completion.WaitAsync(ct));
        }).WithSummary("Fetch what is new; answers when it is a version");
    }
}
