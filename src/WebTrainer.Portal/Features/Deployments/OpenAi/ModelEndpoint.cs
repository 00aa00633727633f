using System.Globalization;
using WebTrainer.Jobs;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Deployments.OpenAi;

/// <summary><c>/v1</c>: what OpenAI clients speak, for a project's models, by a project's key.</summary>
public static class ModelEndpoint
{
    /// <summary>A worker that failed is started anew for the next request.</summary>
    private static readonly TimeSpan s_untilWorkerIsUp = TimeSpan.FromSeconds(5);

    public static void MapModelEndpoint(this IEndpointRouteBuilder app)
    {
        // Signed in by the project's key, which KeyGate reads: neither cookies nor access tokens count here.
        var v1 = app.MapGroup("/v1").AllowAnonymous().DisableAntiforgery().WithTags("Models (OpenAI-compatible)");
        v1.MapGet("/models", http => GuardAsync(http, ListAsync)).WithSummary("Models of the project");
        v1.MapGet("/models/{*id}", http => GuardAsync(http, OneAsync)).WithSummary("A model of the project");
        v1.MapPost(
                "/completions",
                http => GuardAsync(http, (h, entry, cancellationToken) => CompleteAsync(h, entry, chat: false, cancellationToken))
            )
            .WithSummary("Go on from a text");
        v1.MapPost(
                "/chat/completions",
                http => GuardAsync(http, (h, entry, cancellationToken) => CompleteAsync(h, entry, chat: true, cancellationToken))
            )
            .WithSummary("Answer a conversation");
        v1.MapPost("/responses", http => GuardAsync(http, RespondAsync)).WithSummary("Answer a text or a conversation, in the newer form");
        v1.MapPost("/classify", http => GuardAsync(http, ClassifyEndpoint.AnswerAsync))
            .WithSummary("Labels of texts, with their probabilities");
        // Clients take an answer without a body for a wrong key; what isn't here is said in their own form, to those with a key.
        v1.MapFallback("/{**path}", http => GuardAsync(http, (h, _, _) => throw OpenAiException.NoRoute(h.Request)))
            .ExcludeFromDescription();
    }

    private static async Task ListAsync(HttpContext http, KeyEntry entry, CancellationToken cancellationToken)
    {
        var models = await http.RequestServices.GetRequiredService<ServedModels>().ListAsync(entry.ProjectId, cancellationToken);
        await http.Response.WriteAsJsonAsync(new { @object = "list", data = models.Select(Described) }, cancellationToken);
    }

    private static async Task OneAsync(HttpContext http, KeyEntry entry, CancellationToken cancellationToken)
    {
        var id = (string?)http.Request.RouteValues["id"];
        var model =
            await http.RequestServices.GetRequiredService<ServedModels>().FindAsync(entry.ProjectId, id, cancellationToken)
            ?? throw OpenAiException.NoModel(id);
        await http.Response.WriteAsJsonAsync(Described(model), cancellationToken);
    }

    private static object Described(CallableModel model) =>
        new
        {
            id = model.Id,
            @object = "model",
            created = model.CreatedAt.ToUnixTimeSeconds(),
            owned_by = model.Base.Id,
        };

    private static async Task CompleteAsync(HttpContext http, KeyEntry entry, bool chat, CancellationToken cancellationToken)
    {
        var body = await BodyReader.ReadAsync<CompletionBody>(http, cancellationToken);
        var served = http.RequestServices.GetRequiredService<ServedModels>();
        var model = await served.FindAsync(entry.ProjectId, body.Model, cancellationToken) ?? throw OpenAiException.NoModel(body.Model);
        var id = (chat ? "chatcmpl-" : "cmpl-") + Guid.NewGuid().ToString("N");
        var request = chat ? RequestReader.Chat(body, id) : RequestReader.Text(body, id);
        var answers = new Answers(chat, id, model.Id, http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        var chunks = entry.Right.WhileHeldAsync(held => served.GenerateAsync(model, request, held), cancellationToken);
        if (body.Stream)
        {
            await answers.WriteStreamAsync(http.Response, chunks, body.StreamOptions?.IncludeUsage == true, cancellationToken);
        }
        else
        {
            await answers.WriteWholeAsync(http.Response, chunks, cancellationToken);
        }
    }

    private static async Task RespondAsync(HttpContext http, KeyEntry entry, CancellationToken cancellationToken)
    {
        var body = await BodyReader.ReadAsync<ResponsesBody>(http, cancellationToken);
        var served = http.RequestServices.GetRequiredService<ServedModels>();
        var model = await served.FindAsync(entry.ProjectId, body.Model, cancellationToken) ?? throw OpenAiException.NoModel(body.Model);
        var request = RequestReader.Chat(body.AsChat(), "resp-" + Guid.NewGuid().ToString("N"));
        var answers = new ResponsesAnswers(body, model.Id, http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        var chunks = entry.Right.WhileHeldAsync(held => served.GenerateAsync(model, request, held), cancellationToken);
        await (
            body.Stream
                ? answers.WriteStreamAsync(http.Response, chunks, cancellationToken)
                : answers.WriteWholeAsync(http.Response, chunks, cancellationToken)
        );
    }

    private static async Task GuardAsync(HttpContext http, Func<HttpContext, KeyEntry, CancellationToken, Task> act)
    {
        var cancellationToken = http.RequestAborted;
        try
        {
            using var entry = await http.RequestServices.GetRequiredService<KeyGate>().EnterAsync(http.Request, cancellationToken);
            await act(http, entry, cancellationToken);
        }
        catch (Exception ex) when (RefusalOf(ex) is { } refusal)
        {
            await WriteAsync(http.Response, refusal, cancellationToken);
        }
    }

    private static OpenAiException? RefusalOf(Exception exception) =>
        exception switch
        {
            OpenAiException refusal => refusal,
            JobFailedException failed => new OpenAiException(StatusCodes.Status503ServiceUnavailable, failed.Message, "server_error")
            {
                RetryAfter = s_untilWorkerIsUp,
            },
            ForbiddenException ended => new OpenAiException(StatusCodes.Status401Unauthorized, ended.Message, "authentication_error"),
            BadHttpRequestException bad => new OpenAiException(bad.StatusCode, bad.Message),
            _ => null,
        };

    // In the form that OpenAI clients understand; once a stream has begun, as its last event.
    private static async Task WriteAsync(HttpResponse response, OpenAiException refusal, CancellationToken cancellationToken)
    {
        var body = new ErrorBody(new ErrorDetail(refusal.Message, refusal.Type, refusal.Code));
        if (response.HasStarted)
        {
            await Answers.SendAsync(response, body, cancellationToken);
            return;
        }

        response.StatusCode = refusal.Status;
        if (refusal.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        await response.WriteAsJsonAsync(body, cancellationToken);
    }
}
