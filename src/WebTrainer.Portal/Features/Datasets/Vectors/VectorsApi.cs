using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Datasets.Vectors;

/// <param name="Encoder">A model of this server that makes vectors; left out, the embedder of the program.</param>
public sealed record NewVectors(string? Encoder = null);

/// <summary><c>/api/v1/projects/{projectId}/datasets/{datasetId}/versions/{number}/vectors</c>.</summary>
public static class VectorsApi
{
    public static void MapVectorsApi(this IEndpointRouteBuilder version)
    {
        version
            .MapGet(
                "/vectors",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    VersionVectors service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) => TypedResults.Ok(await service.ListAsync(Caller.From(http.User), projectId, datasetId, number, cancellationToken))
            )
            .WithSummary("Vectors that are kept beside the version, the best first");
        version
            .MapPost(
                "/vectors",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    NewVectors vectors,
                    VersionVectors service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    TypedResults.Ok(
                        await service.MakeAsync(
                            Caller.From(http.User),
                            projectId,
                            datasetId,
                            number,
                            vectors.Encoder ?? Pipeline.Vectors.VectorSource.BuiltIn,
                            cancellationToken
                        )
                    )
            )
            .WithSummary("Make vectors of the rows; those of texts that an earlier version has are reused; answers when they are made");
    }
}
