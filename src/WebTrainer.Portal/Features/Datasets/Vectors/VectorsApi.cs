using WebTrainer.Portal.Access;
using WebTrainer.Portal.Hosting.Description;

namespace WebTrainer.Portal.Features.Datasets.Vectors;

/// <param name="Encoder">A model of this server that makes vectors; left out, the embedder of the program.</param>
public sealed record NewVectors(string? Encoder = null);

/// <summary><c>/api/v1/projects/{projectId}/datasets/{datasetId}/versions/{number}/vectors</c>.</summary>
public static class VectorsApi
{
    private const string MapContent = "application/octet-stream";

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
            .WithSummary(
                "Make vectors of the rows, and a map by them; those of texts that an earlier version has are reused; answers when they are made"
            );
        version
            .MapGet(
                "/map",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    VersionMaps service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    TypedResults.PhysicalFile(
                        await service.FileAsync(Caller.From(http.User), projectId, datasetId, number, cancellationToken),
                        MapContent
                    )
            )
            .GivesFile(MapContent)
            .WithSummary(
                "The map: length of the head (4 bytes, little-endian), head as JSON, x and y of each row as float32, a byte a row for each column"
            );
        version
            .MapGet(
                "/coverage",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    VersionMaps service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) => TypedResults.Ok(await service.CoverageAsync(Caller.From(http.User), projectId, datasetId, number, cancellationToken))
            )
            .WithSummary("Test rows of which no training row is near, the farthest first");
    }
}
