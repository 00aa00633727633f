using Microsoft.AspNetCore.Http.HttpResults;
using WebTrainer.Models;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Hosting.Description;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Models;

/// <param name="UploadId">A finished upload: a ZIP archive of the model's Hugging Face folder.</param>
/// <param name="ConfirmedKeys">Keys of config.json that are not understood here and of which you say that they change nothing in what the
/// model computes; a refusal names them.</param>
public sealed record NewModel(Guid UploadId, string Name, IReadOnlyList<string>? ConfirmedKeys = null);

/// <param name="HubName">As the hub shows it, <c>owner/name</c>.</param>
/// <param name="Name">How it is called on this server.</param>
/// <param name="ConfirmedKeys">As of an uploaded model.</param>
public sealed record HubRequest(string HubName, string Name, IReadOnlyList<string>? ConfirmedKeys = null);

/// <summary>A base model as the API shows it.</summary>
/// <param name="Encoder">It makes vectors of texts for cleaning; runs can't start from it.</param>
public sealed record ModelResource(
    string Id,
    string Type,
    string Architecture,
    int ContextTokens,
    long WeightBytes,
    string? License,
    bool Shipped,
    bool Encoder,
    ModelCheck? Check
)
{
    public static ModelResource Of(BaseModel model) =>
        new(
            model.Id,
            model.Type,
            model.Architecture,
            model.ContextTokens,
            model.WeightBytes,
            model.License,
            model.Shipped,
            model.IsEncoder,
            model.Check
        );
}

/// <summary>An encoder that can be fetched, as the API shows it.</summary>
/// <param name="Origin">Its name on the Hugging Face hub.</param>
/// <param name="PackageId">The package that carries it.</param>
public sealed record PublishedResource(
    string Name,
    string Origin,
    string PackageId,
    string PackageVersion,
    long PackageBytes,
    string License
)
{
    public static PublishedResource Of(PublishedEncoder encoder) =>
        new(encoder.Name, encoder.Origin, encoder.PackageId, encoder.PackageVersion, encoder.PackageBytes, PublishedEncoder.License);
}

/// <summary><c>/api/v1/projects/{projectId}/models</c>.</summary>
public static class ModelsApi
{
    public static void MapModelsApi(this IEndpointRouteBuilder api)
    {
        var models = api.MapGroup("/projects/{projectId:guid}/models").WithTags("Base models");
        models
            .MapGet(
                "",
                async (Guid projectId, ModelLibrary library, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(
                        (await library.ListAsync(Caller.From(http.User), projectId, cancellationToken)).Select(ModelResource.Of)
                    )
            )
            .WithSummary("Base models of this server");
        models
            .MapPost("", InstallAsync)
            .WithSummary("Add a base model from an uploaded ZIP archive; answers when it has loaded and answered");
        models
            .MapPost(
                "/hub",
                async (
                    Guid projectId,
                    HubRequest request,
                    ModelDownloads downloads,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                {
                    await downloads.BeginAsync(
                        Caller.From(http.User),
                        projectId,
                        request.HubName,
                        request.Name,
                        cancellationToken,
                        request.ConfirmedKeys
                    );
                    return TypedResults.Accepted($"/api/v1/projects/{projectId}/models/downloads");
                }
            )
            .WithSummary("Fetch a model from the hub, or go on with one that broke off");
        models
            .MapGet(
                "/published",
                async (Guid projectId, ModelDownloads downloads, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(
                        (await downloads.ListPublishedAsync(Caller.From(http.User), projectId, cancellationToken)).Select(
                            PublishedResource.Of
                        )
                    )
            )
            .WithSummary("Encoders that a package carries and that this server doesn't have");
        models
            .MapPost(
                "/published/{name}",
                async (Guid projectId, string name, ModelDownloads downloads, HttpContext http, CancellationToken cancellationToken) =>
                {
                    await downloads.BeginPublishedAsync(Caller.From(http.User), projectId, name, cancellationToken);
                    return TypedResults.Accepted($"/api/v1/projects/{projectId}/models/downloads");
                }
            )
            .WithSummary("Fetch an encoder in the package that carries it");
        models
            .MapGet(
                "/downloads",
                async (Guid projectId, ModelDownloads downloads, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await downloads.ListAsync(Caller.From(http.User), projectId, cancellationToken))
            )
            .WithSummary("Models that are being fetched");
        models
            .MapDelete(
                "/downloads/{name}",
                async (Guid projectId, string name, ModelDownloads downloads, HttpContext http, CancellationToken cancellationToken) =>
                {
                    await downloads.StopAsync(Caller.From(http.User), projectId, name, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("Stop fetching a model; what has arrived stays for another try");
        models
            .MapPost(
                "/{id}/check",
                async (Guid projectId, string id, ModelLibrary library, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await library.CheckAsync(Caller.From(http.User), projectId, id, cancellationToken))
            )
            .WithSummary("Load a base model and let it answer, or an encoder and let it compare two sentences");
        models
            .MapGet("/{id}/gguf", GgufAsync)
            .GivesFile("application/zip")
            .WithSummary(
                "A base model as a GGUF file for llama.cpp and Ollama, with a Modelfile and export.json, which says what was checked, as a ZIP archive; weights is f32, f16, bf16, q8 (Q8_0, if nothing is said) or q4 (Q4_0)"
            );
        models
            .MapDelete(
                "/{id}",
                async (Guid projectId, string id, ModelLibrary library, HttpContext http, CancellationToken cancellationToken) =>
                {
                    await library.RemoveAsync(Caller.From(http.User), projectId, id, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("Take away a base model that was added here and that nothing stands on");
    }

    private static async Task GgufAsync(
        Guid projectId,
        string id,
        ModelLibrary library,
        HttpContext http,
        CancellationToken cancellationToken,
        string? weights = null
    )
    {
        var asked = QueryWord.Parse<GgufWeights>(nameof(weights), weights) ?? GgufWeights.Q8;
        await using var made = await library.GgufAsync(Caller.From(http.User), projectId, id, asked, cancellationToken);
        await FolderArchive.SendAsync(http, made.Path, $"{id}-{QueryWord.Of(asked)}-gguf.zip", text: null, cancellationToken);
    }

    private static async Task<Created<ModelResource>> InstallAsync(
        Guid projectId,
        NewModel model,
        ModelLibrary library,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var added = await library.InstallAsync(
            Caller.From(http.User),
            projectId,
            model.UploadId,
            model.Name,
            cancellationToken,
            model.ConfirmedKeys
        );
        return TypedResults.Created($"/api/v1/projects/{projectId}/models/{added.Id}", ModelResource.Of(added));
    }
}
