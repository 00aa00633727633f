using System.Globalization;
using WebTrainer.Jobs;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Deployments.OpenAi;

/// <summary><c>/v1</c>: what OpenAI clients speak, for a project's models, by a project's key.</summary>
public static class ModelEndpoint
{
    public static void MapModelEndpoint(this IEndpointRouteBuilder app)
    {
        // Signed in by the project's key, which KeyGate reads: neither cookies nor access tokens count here.
        var v1 = app.MapGroup("/v1").AllowAnonymous().DisableAntiforgery().WithTags("Models (OpenAI-compatible)");
        v1.MapGet("/models", http => GuardAsync(http, ListAsync)).WithSummary("Models of the project");
        v1.MapPost("/completions", http => GuardAsync(http, (h, entry, ct) => CompleteAsync(h, entry, chat: false, ct))).WithSummary("Go on from a text");
        v1.MapPost("/chat/completions", http => GuardAsync(http, (h, entry, ct) => CompleteAsync(h, entry, chat: true, ct))).WithSummary("Answer a conversation");
        v1.MapPost("/classify", http => GuardAsync(http, ClassifyEndpoint.AnswerAsync)).WithSummary("Labels of texts, with their probabilities");
    }

    private static async Task ListAsync(HttpContext http, KeyEntry entry, CancellationToken ct)
    {
        var models = await http.RequestServices.GetRequiredService<ServedModels>().ListAsync(entry.ProjectId, ct);
        await http.Response.WriteAsJsonAsync(
            new { @object = "list", data = models.Select(m => new { id = m.Id, @object = "model", created = m.CreatedAt.ToUnixTimeSeconds(), owned_by = m.Base.Id }) }, ct);
    }

    private static async Task CompleteAsync(HttpContext http, KeyEntry entry, bool chat, CancellationToken ct)
    {
        var body = await BodyReader.ReadAsync<CompletionBody>(http, ct);
        var served = http.RequestServices.GetRequiredService<ServedModels>();
        var model = await served.FindAsync(entry.ProjectId, body.Model, ct) ?? throw OpenAiException.NoModel(body.Model);
        var id = (chat ? "chatcmpl-" : "cmpl-") + Guid.NewGuid().ToString("N");
        var request = chat ? RequestReader.Chat(body, id) : RequestReader.Text(body, id);
        var answers = new Answers(chat, id, model.Id, http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        var chunks = entry.Right.WhileHeldAsync(held => served.GenerateAsync(model, request, held), ct);
        if (body.Stream)
            await answers.WriteStreamAsync(http.Response, chunks, body.StreamOptions?.IncludeUsage == true, ct);
        else
            await answers.WriteWholeAsync(http.Response, chunks, ct);
    }

    private static async Task GuardAsync(HttpContext http, Func<HttpContext, KeyEntry, CancellationToken, Task> act)
    {
        var ct = http.RequestAborted;
        try
        {
            using var entry = await http.RequestServices.GetRequiredService<KeyGate>().EnterAsync(http.Request, ct);
            await act(http, entry, ct);
        }
        catch (Exception ex) when (RefusalOf(ex) is { } refusal)
        {
            await WriteAsync(http.Response, refusal, ct);
        }
    }

    private static OpenAiException? RefusalOf(Exception exception) => exception switch
    {
        OpenAiException refusal => refusal,
        JobFailedException failed => new OpenAiException(StatusCodes.Status503ServiceUnavailable, failed.Message, "server_error"),
        ForbiddenException ended => new OpenAiException(StatusCodes.Status401Unauthorized, ended.Message, "authentication_error"),
        BadHttpRequestException bad => new OpenAiException(bad.StatusCode, bad.Message),
        _ => null,
    };

    // In the form that OpenAI clients understand; once a stream has begun, as its last event.
    private static async Task WriteAsync(HttpResponse response, OpenAiException refusal, CancellationToken ct)
    {
        var body = new ErrorBody(new ErrorDetail(refusal.Message, refusal.Type, refusal.Code));
        if (response.HasStarted)
        {
            await Answers.SendAsync(response, body, ct);
            return;
        }

        response.StatusCode = refusal.Status;
        if (refusal.RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await response.WriteAsJsonAsync(body, ct);
    }
}
