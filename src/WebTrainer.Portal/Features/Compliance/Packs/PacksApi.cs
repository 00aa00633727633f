using Microsoft.AspNetCore.Http.HttpResults;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Hosting.Description;

namespace WebTrainer.Portal.Features.Compliance.Packs;

/// <summary><c>/api/v1/projects/{projectId}/runs/{runId}/evidence-pack</c>, and the same of an endpoint's version.</summary>
public static class PacksApi
{
    public static void MapPacksApi(this IEndpointRouteBuilder api)
    {
        var project = api.MapGroup("/projects/{projectId:guid}").WithTags("Compliance");
        project
            .MapGet(
                "/runs/{runId:guid}/evidence-pack",
                async (Guid projectId, Guid runId, PackService packs, HttpContext http, CancellationToken cancellationToken) =>
                    Zip(await packs.OfRunAsync(Caller.From(http.User), projectId, runId, cancellationToken))
            )
            .GivesFile("application/zip")
            .WithSummary("All that is known of a run, signed, for who audits it; with verify.sh");
        project
            .MapGet(
                "/deployments/{deploymentId:guid}/versions/{versionId:guid}/evidence-pack",
                async (
                    Guid projectId,
                    Guid deploymentId,
                    Guid versionId,
                    PackService packs,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) => Zip(await packs.OfVersionAsync(Caller.From(http.User), projectId, deploymentId, versionId, cancellationToken))
            )
            .GivesFile("application/zip")
            .WithSummary("All that is known of what answers, and of the run behind it, signed, for who audits it; with verify.sh");
    }

    private static FileContentHttpResult Zip(EvidencePack pack) => TypedResults.File(pack.ToZip(), "application/zip", pack.Name);
}
