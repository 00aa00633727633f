using WebTrainer.Jobs;

namespace WebTrainer.Portal.Features.Deployments.OpenAi;

/// <summary><c>/v1</c>: what OpenAI clients speak, for a project's models, by a project's key.</summary>
public static class ModelEndpoint
{
    public static void MapModelEndpoint(this IEndpointRouteBuilder app)
    {
        // Signed in by the project's key, which KeyGate reads: neither cookies nor access tokens count here.
        var v1 = app.MapGroup("/v1").AllowAnonymous().DisableAntiforgery().WithTags("Models (OpenAI-compatible)");
        v1.MapGet("/models", http => GuardAsync(http, ListAsync)).WithSummary("Models of the project");
        v1.MapPost("/completions", http => GuardAsync(http, (h, ct) => CompleteAsync(h, chat: false, ct))).WithSummary("Go on from a text");
        v1.MapPost("/chat/completions", http => GuardAsync(http, (h, ct) => CompleteAsync(h, chat: true, ct))).WithSummary("Answer a conversation");
        v1.MapPost("/classify", http => GuardAsync(http, ClassifyEndpoint.AnswerAsync)).WithSummary("Labels of texts, with their probabilities");
    }

    private static async Task ListAsync(HttpContext http, CancellationToken ct)
    {
        var projectId = await KeyGate.ProjectOfAsync(http, ct);
        var models = await http.RequestServices.GetRequiredService<ServedModels>().ListAsync(projectId, ct);
        await http.Response.WriteAsJsonAsync(
            new { @object = "list", data = models.Select(m => new { id = m.Id, @object = "model", created = m.CreatedAt.ToUnixTimeSeconds(), owned_by = m.Base.Id }) }, ct);
    }

    private static async Task CompleteAsync(HttpContext http, bool chat, CancellationToken ct)
    {
        var projectId = await KeyGate.ProjectOfAsync(http, ct);
        var body = await BodyReader.ReadAsync<CompletionBody>(http, ct);
        var served = http.RequestServices.GetRequiredService<ServedModels>();
        var model = await served.FindAsync(projectId, body.Model, ct) ?? throw OpenAiException.NoModel(body.Model);
        var id = (chat ? "chatcmpl-" : "cmpl-") + Guid.NewGuid().ToString("N");
        var request = chat ? RequestReader.Chat(body, id) : RequestReader.Text(body, id);
        var answers = new Answers(chat, id, model.Id, http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        var chunks = served.GenerateAsync(model, request, ct);
        if (body.Stream)
            await answers.WriteStreamAsync(http.Response, chunks, body.StreamOptions?.IncludeUsage == true, ct);
        else
            await answers.WriteWholeAsync(http.Response, chunks, ct);
    }

    // Errors in the form that OpenAI clients understand.
    private static async Task GuardAsync(HttpContext http, Func<HttpContext, CancellationToken, Task> act)
    {
        try
        {
            await act(http, http.RequestAborted);
        }
        catch (OpenAiException refusal) when (!http.Response.HasStarted)
        {
            http.Response.StatusCode = refusal.Status;
            await http.Response.WriteAsJsonAsync(new ErrorBody(new ErrorDetail(refusal.Message, refusal.Type)), http.RequestAborted);
        }
        catch (JobFailedException failed) when (!http.Response.HasStarted)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await http.Response.WriteAsJsonAsync(new ErrorBody(new ErrorDetail(failed.Message, "server_error")), http.RequestAborted);
        }
    }
}
