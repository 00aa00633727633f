using Microsoft.AspNetCore.Http.HttpResults;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Hosting;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Adapters;

/// <param name="UploadId">A finished upload: a ZIP archive of adapter_config.json and adapter_model.safetensors, as PEFT saves
/// them.</param>
/// <param name="BaseModel">Name of the base on this server; left out, it is the one that the adapter's files tell.</param>
public sealed record NewAdapter(Guid UploadId, string Name, string? BaseModel = null);

/// <param name="HubName">As the hub shows it, <c>owner/name</c>.</param>
/// <param name="Name">What the run is called that it becomes.</param>
/// <param name="BaseModel">As of an uploaded adapter.</param>
public sealed record HubAdapter(string HubName, string Name, string? BaseModel = null);

/// <summary>What an uploaded adapter tells before it is tried, as the API shows it.</summary>
/// <param name="MadeFor">What it was trained on, as its file says.</param>
/// <param name="BaseModels">Models of this server that may be its base, the likeliest first.</param>
/// <param name="Missing">What to do where there is none.</param>
public sealed record AdapterOfferResource(string? MadeFor, IReadOnlyList<string> BaseModels, string? Missing);

/// <summary>An adapter that was brought in, as the API shows it.</summary>
/// <param name="RunId">The run that it is from now on.</param>
/// <param name="Check">What it did on its base, and how well the base predicts the pages alone.</param>
public sealed record AdapterResource(Guid RunId, int Number, string Name, string BaseModel, string? ImportedFrom, ModelCheck? Check)
{
    public static AdapterResource Of(ImportedAdapter adapter) =>
        new(adapter.Run.Id, adapter.Run.Number, adapter.Run.Name, adapter.Run.BaseModel, adapter.Run.ImportedFrom, adapter.Check);
}

/// <summary><c>/api/v1/projects/{projectId}/adapters</c>.</summary>
public static class AdaptersApi
{
    public static void MapAdaptersApi(this IEndpointRouteBuilder api)
    {
        var adapters = api.MapGroup("/projects/{projectId:guid}/adapters").WithTags("Base models");
        adapters
            .MapGet(
                "",
                async (Guid projectId, AdapterImports imports, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(
                        (await imports.ListAsync(Caller.From(http.User), projectId, cancellationToken)).Select(AdapterResource.Of)
                    )
            )
            .WithSummary("Adapters that were brought in, with what each did on its base");
        adapters
            .MapPost("", ImportAsync)
            .AnswersWithWhatItMade()
            .WithSummary("Bring in an adapter from an uploaded ZIP archive; answers when it has loaded and answered on its base");
        adapters
            .MapGet("/offers/{uploadId:guid}", OfferAsync)
            .WithSummary("What an uploaded adapter was trained on, and which models of this server may be its base");
        adapters
            .MapDelete(
                "/{runId:guid}",
                async (Guid projectId, Guid runId, AdapterImports imports, HttpContext http, CancellationToken cancellationToken) =>
                {
                    await imports.RemoveAsync(Caller.From(http.User), projectId, runId, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("Take an adapter away that was brought in and that nothing stands on");
        adapters.MapPost("/hub", FetchAsync).WithSummary("Fetch an adapter from the hub, or go on with one that broke off");
    }

    private static async Task<Created<RunResource>> ImportAsync(
        Guid projectId,
        NewAdapter adapter,
        AdapterImports imports,
        RunService runs,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var caller = Caller.From(http.User);
        var id = await imports.ImportAsync(caller, projectId, adapter.UploadId, adapter.Name, adapter.BaseModel, cancellationToken);
        return TypedResults.Created(
            $"/api/v1/projects/{projectId}/runs/{id}",
            RunResource.Of(await runs.GetAsync(caller, projectId, id, cancellationToken))
        );
    }

    private static async Task<Ok<AdapterOfferResource>> OfferAsync(
        Guid projectId,
        Guid uploadId,
        AdapterImports imports,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var offer = await imports.OfferAsync(Caller.From(http.User), projectId, uploadId, cancellationToken);
        return TypedResults.Ok(new AdapterOfferResource(offer.MadeFor, [.. offer.Bases.Select(model => model.Id)], offer.Missing));
    }

    private static async Task<Accepted> FetchAsync(
        Guid projectId,
        HubAdapter adapter,
        AdapterImports imports,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        await imports.FetchAsync(Caller.From(http.User), projectId, adapter.HubName, adapter.Name, adapter.BaseModel, cancellationToken);
        return TypedResults.Accepted($"/api/v1/projects/{projectId}/models/downloads");
    }
}
