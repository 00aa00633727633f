using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Hosting.Description;
using WebTrainer.Protocol;

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
        runs.MapGet("/{runId:guid}/gguf", GgufAsync)
            .GivesFile("application/zip")
            .WithSummary(
                "Base and adapter as a GGUF file for llama.cpp and Ollama, with its card, a Modelfile and export.json, which says what was checked, as a ZIP archive; weights is f32, f16, bf16, q8 (Q8_0, if nothing is said) or q4 (Q4_0)"
            );
        runs.MapGet(
                "/{runId:guid}/card",
                async (Guid projectId, Guid runId, ModelCards cards, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Text(
                        await cards.WriteAsync(Caller.From(http.User), projectId, runId, ModelForm.Adapter, cancellationToken),
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
            await cards.WriteAsync(caller, projectId, runId, ModelForm.Adapter, cancellationToken),
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
        var card = await cards.WriteAsync(caller, projectId, runId, ModelForm.Whole, cancellationToken);
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

    private static async Task GgufAsync(
        Guid projectId,
        Guid runId,
        RunService service,
        ModelCards cards,
        HttpContext http,
        CancellationToken cancellationToken,
        string? weights = null
    )
    {
        var caller = Caller.From(http.User);
        var asked = QueryWord.Parse<GgufWeights>(nameof(weights), weights) ?? GgufWeights.Q8;
        var card = await cards.WriteAsync(caller, projectId, runId, ModelForm.Gguf, cancellationToken);
        var (view, made) = await service.GgufAsync(caller, projectId, runId, asked, cancellationToken);
        await using (made)
        {
            await SendAsync(
                http,
                made.Path,
                card + GgufCard.Of(made.Path),
                $"run-{view.Run.Number}-{QueryWord.Of(asked)}-gguf.zip",
                cancellationToken
            );
        }
    }

    private static Task SendAsync(HttpContext http, string folder, string card, string name, CancellationToken cancellationToken) =>
        FolderArchive.SendAsync(http, folder, name, (ModelCards.FileName, card), cancellationToken);
}
