using System.IO.Compression;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Hosting.Description;

namespace WebTrainer.Portal.Features.Evaluations.Cards;

/// <summary>What a run has made, with its card: <c>/api/v1/projects/{projectId}/runs/{runId}/…</c>.</summary>
public static class TunedModelsApi
{
    public static void MapTunedModelsApi(this IEndpointRouteBuilder api)
    {
        var runs = api.MapGroup("/projects/{projectId:guid}/runs").WithTags("Runs");
        runs.MapGet("/{runId:guid}/adapter", AdapterAsync)
            .GivesFile("application/zip")
            .WithSummary("The adapter in PEFT form with its model card, as a ZIP archive");
        runs.MapGet("/{runId:guid}/merged", MergedAsync)
            .GivesFile("application/zip")
            .WithSummary("Base and adapter as one model with its card, as a ZIP archive");
        runs.MapGet(
                "/{runId:guid}/card",
                async (Guid projectId, Guid runId, ModelCards cards, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Text(
                        await cards.WriteAsync(Caller.From(http.User), projectId, runId, cancellationToken),
                        "text/markdown; charset=utf-8"
                    )
            )
            .WithSummary("The model card, as Markdown");
    }

    private static async Task AdapterAsync(
        Guid projectId,
        Guid runId,
        RunService service,
        ModelCards cards,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var caller = Caller.From(http.User);
        var (run, folder) = await service.AdapterAsync(caller, projectId, runId, cancellationToken);
        await SendAsync(
            http,
            folder,
            await cards.WriteAsync(caller, projectId, runId, cancellationToken),
            $"run-{run.Number}-adapter.zip",
            cancellationToken
        );
    }

    private static async Task MergedAsync(
        Guid projectId,
        Guid runId,
        RunService service,
        ModelCards cards,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var caller = Caller.From(http.User);
        var card = await cards.WriteAsync(caller, projectId, runId, cancellationToken);
        var (view, made, folder) = await service.MergedAsync(caller, projectId, runId, cancellationToken);
        try
        {
            await SendAsync(http, folder, card, $"run-{view.Run.Number}-model.zip", cancellationToken);
        }
        finally
        {
            if (made is not null)
            {
                await made.DisposeAsync();
            }
        }
    }

    private static async Task SendAsync(HttpContext http, string folder, string card, string name, CancellationToken cancellationToken)
    {
        http.Response.ContentType = "application/zip";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        await using var body = http.Response.BodyWriter.AsStream();
        await using var archive = await ZipArchive.CreateAsync(
            body,
            ZipArchiveMode.Create,
            leaveOpen: true,
            entryNameEncoding: null,
            cancellationToken
        );
        foreach (
            var file in Directory
                .EnumerateFiles(folder)
                .Where(file => Path.GetFileName(file) != ModelCards.FileName)
                .Order(StringComparer.Ordinal)
        )
        {
            await archive.CreateEntryFromFileAsync(file, Path.GetFileName(file), CompressionLevel.NoCompression, cancellationToken);
        }

        await using var entry = await archive.CreateEntry(ModelCards.FileName).OpenAsync(cancellationToken);
        await entry.WriteAsync(System.Text.Encoding.UTF8.GetBytes(card), cancellationToken);
    }
}
