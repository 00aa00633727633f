using System.Globalization;
using WebTrainer.Jobs;
using WebTrainer.Models;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Deployments.Keys;
using WebTrainer.Portal.Features.Deployments.Routing;
using WebTrainer.Protocol;

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
            .WithSummary("Answer a conversation")
            .WithDescription(
                "As OpenAI's chat completions: n (1 to 8), stop, seed, logprobs, stream with stream_options.include_usage, and response_format (json_object, json_schema) or guided_choice, to which the answer is held while it is written. What is not supported is refused with the field in param."
            );
        v1.MapPost("/responses", http => GuardAsync(http, RespondAsync))
            .WithSummary("Answer a text or a conversation, in the newer form")
            .WithDescription("text.format holds the answer to a JSON schema, as response_format does in a chat.");
        v1.MapPost("/embeddings", http => GuardAsync(http, EmbeddingsEndpoint.AnswerAsync))
            .WithSummary("Vectors of texts, by an encoder")
            .WithDescription(
                "input is a text or a list of up to 2,048; encoding_format is float or base64. Vectors have length 1. dimensions is refused, and so is a text that is longer than the encoder reads."
            );
        v1.MapPost("/classify", http => GuardAsync(http, ClassifyEndpoint.AnswerAsync))
            .WithSummary("Labels of texts, with their probabilities");
        v1.MapPost("/feedback", http => GuardAsync(http, FeedbackEndpoint.AnswerAsync)).WithSummary("Say what an answer was worth");
        // Clients take an answer without a body for a wrong key; what isn't here is said in their own form, to those with a key.
        v1.MapFallback("/{**path}", http => GuardAsync(http, (h, _, _) => throw OpenAiException.NoRoute(h.Request)))
            .ExcludeFromDescription();
    }

    private static async Task ListAsync(HttpContext http, KeyEntry entry, CancellationToken cancellationToken)
    {
        var models = await http
            .RequestServices.GetRequiredService<LiveRoutes>()
            .ListAsync(entry.ProjectId, entry.Bounds, cancellationToken);
        var encoders = http.RequestServices.GetRequiredService<EncoderModels>().List(entry.Bounds);
        await http.Response.WriteAsJsonAsync(
            new { @object = "list", data = models.Select(Described).Concat(encoders.Select(Described)) },
            cancellationToken
        );
    }

    private static async Task OneAsync(HttpContext http, KeyEntry entry, CancellationToken cancellationToken)
    {
        var id = (string?)http.Request.RouteValues["id"];
        var encoder = http.RequestServices.GetRequiredService<EncoderModels>().Find(entry.Bounds, id);
        var described = encoder is not null
            ? Described(encoder)
            : Described(
                await http
                    .RequestServices.GetRequiredService<LiveRoutes>()
                    .FindAsync(entry.ProjectId, entry.Bounds, id, who: null, cancellationToken)
            );
        await http.Response.WriteAsJsonAsync(described, cancellationToken);
    }

    private static object Described(Target target) =>
        Described(target.Name, target.Version?.LiveAt ?? target.Model.CreatedAt, target.Model.Base.Id);

    private static object Described(BaseModel encoder) => Described(encoder.Id, DateTimeOffset.UnixEpoch, encoder.Id);

    private static object Described(string id, DateTimeOffset createdAt, string owner) =>
        new
        {
            id,
            @object = "model",
            created = createdAt.ToUnixTimeSeconds(),
            owned_by = owner,
        };

    private static async Task CompleteAsync(HttpContext http, KeyEntry entry, bool chat, CancellationToken cancellationToken)
    {
        var body = await BodyReader.ReadAsync<CompletionBody>(http, cancellationToken);
        var target = await FindAsync(http, entry, body, cancellationToken);
        body = Routed.WithDefaults(body, target.Settings);
        var id = (chat ? "chatcmpl-" : "cmpl-") + Guid.CreateVersion7().ToString("N");
        var request = Routed.With(chat ? RequestReader.Chat(body, id) : RequestReader.Text(body, id), target.Settings);
        var answers = new Answers(chat, id, target.Name, http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        var chunks = Ask(http, entry, target, request, body, cancellationToken);
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
        var asked = body.AsChat();
        var target = await FindAsync(http, entry, asked, cancellationToken);
        var chat = Routed.WithDefaults(asked, target.Settings);
        var request = Routed.With(RequestReader.Chat(chat, "resp-" + Guid.CreateVersion7().ToString("N")), target.Settings);
        var answers = new ResponsesAnswers(body, target.Name, http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        var chunks = Ask(http, entry, target, request, chat, cancellationToken);
        await (
            body.Stream
                ? answers.WriteStreamAsync(http.Response, chunks, cancellationToken)
                : answers.WriteWholeAsync(http.Response, chunks, cancellationToken)
        );
    }

    private static Task<Target> FindAsync(HttpContext http, KeyEntry entry, CompletionBody body, CancellationToken cancellationToken) =>
        http
            .RequestServices.GetRequiredService<LiveRoutes>()
            .FindAsync(entry.ProjectId, entry.Bounds, body.Model, Routed.Who(body), cancellationToken);

    private static IAsyncEnumerable<GenerateChunk> Ask(
        HttpContext http,
        KeyEntry entry,
        Target target,
        GenerateRequest request,
        CompletionBody body,
        CancellationToken cancellationToken
    )
    {
        var asking = http.RequestServices.GetRequiredService<Asking>();
        var asker = new Asker(entry.Key, Routed.UserOf(body.Others));
        return entry.Right.WhileHeldAsync(held => asking.AskAsync(target, request, asker, held), cancellationToken);
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
        var body = new ErrorBody(new ErrorDetail(refusal.Message, refusal.Type, refusal.Param, refusal.Code));
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
