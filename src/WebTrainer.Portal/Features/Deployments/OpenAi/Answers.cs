using System.Text;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments.OpenAi;

/// <summary>Writes a generation in the shape of <c>/v1/completions</c> or <c>/v1/chat/completions</c>, whole or streamed.</summary>
/// <param name="chat">Which of the two.</param>
public sealed class Answers(bool chat, string id, string model, DateTimeOffset now)
{
    private readonly long _created = now.ToUnixTimeSeconds();

    public async Task WriteWholeAsync(HttpResponse response, IAsyncEnumerable<GenerateChunk> chunks, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var tokens = new List<TokenLogProbability>();
        GenerateChunk? last = null;
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
        {
            text.Append(chunk.Text);
            tokens.AddRange(chunk.Tokens ?? []);
            last = chunk;
        }

        ThrowIfRefused(last);
        object choice = chat
            ? new
            {
                index = 0,
                message = new { role = "assistant", content = text.ToString() },
                finish_reason = last?.FinishReason,
                logprobs = LogProbabilities(tokens),
            }
            : new
            {
                index = 0,
                text = text.ToString(),
                finish_reason = last?.FinishReason,
                logprobs = LogProbabilities(tokens),
            };
        await response.WriteAsJsonAsync(
            new
            {
                id,
                @object = chat ? "chat.completion" : "text_completion",
                created = _created,
                model,
                choices = new[] { choice },
                usage = UsageOf(last),
            },
            cancellationToken
        );
    }

    public async Task WriteStreamAsync(
        HttpResponse response,
        IAsyncEnumerable<GenerateChunk> chunks,
        bool includeUsage,
        CancellationToken cancellationToken
    )
    {
        GenerateChunk? last = null;
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
        {
            ThrowIfRefused(chunk);
            if (last is null)
            {
                await BeginAsync(response, cancellationToken);
            }

            last = chunk;
            if (chunk.Text.Length > 0 || chunk.Tokens is { Count: > 0 })
            {
                await SendAsync(response, Chunk(chat ? new { content = chunk.Text } : chunk.Text, null, chunk.Tokens), cancellationToken);
            }
        }

        await SendAsync(response, Chunk(chat ? new { } : "", last?.FinishReason ?? "stop"), cancellationToken);
        if (includeUsage)
        {
            await SendAsync(
                response,
                new
                {
                    id,
                    @object = ObjectName,
                    created = _created,
                    model,
                    choices = Array.Empty<object>(),
                    usage = UsageOf(last),
                },
                cancellationToken
            );
        }

        await response.WriteAsync("data: [DONE]\n\n", cancellationToken);
    }

    // Not before the model has begun: what it refuses has a status of its own.
    private async Task BeginAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        if (chat)
        {
            await SendAsync(response, Chunk(new { role = "assistant", content = "" }, null), cancellationToken);
        }
    }

    /// <exception cref="OpenAiException">The model refused the request, or failed.</exception>
    internal static void ThrowIfRefused(GenerateChunk? chunk)
    {
        if (chunk?.FinishReason != "error")
        {
            return;
        }

        throw chunk.Fault switch
        {
            RequestFault.TooLong => new OpenAiException(StatusCodes.Status400BadRequest, chunk.Error!, code: "context_length_exceeded"),
            RequestFault.Wrong => new OpenAiException(StatusCodes.Status400BadRequest, chunk.Error!),
            _ => new OpenAiException(
                StatusCodes.Status500InternalServerError,
                chunk.Error ?? "The model could not answer.",
                "server_error"
            ),
        };
    }

    private string ObjectName => chat ? "chat.completion.chunk" : "text_completion";

    private object Chunk(object content, string? finish, IReadOnlyList<TokenLogProbability>? tokens = null) =>
        new
        {
            id,
            @object = ObjectName,
            created = _created,
            model,
            choices = new object[]
            {
                chat
                    ? new
                    {
                        index = 0,
                        delta = content,
                        finish_reason = finish,
                        logprobs = LogProbabilities(tokens ?? []),
                    }
                    : new
                    {
                        index = 0,
                        text = content,
                        finish_reason = finish,
                        logprobs = LogProbabilities(tokens ?? []),
                    },
            },
        };

    /// <summary>In the shape of the endpoint: the two have never agreed on one.</summary>
    private object? LogProbabilities(IReadOnlyList<TokenLogProbability> tokens) =>
        tokens.Count == 0 ? null
        : chat
            ? new
            {
                content = tokens.Select(token => new
                {
                    token = token.Text,
                    logprob = token.LogProbability ?? 0,
                    bytes = Bytes(token.Text),
                    top_logprobs = token.Likeliest.Select(Alternative),
                }),
            }
        : new
        {
            tokens = tokens.Select(token => token.Text),
            token_logprobs = tokens.Select(token => token.LogProbability),
            top_logprobs = tokens.Select(token =>
                token.LogProbability is null
                    ? null
                    : token.Likeliest.DistinctBy(other => other.Text).ToDictionary(other => other.Text, other => other.LogProbability)
            ),
        };

    private static object Alternative(TokenAlternative other) =>
        new
        {
            token = other.Text,
            logprob = other.LogProbability,
            bytes = Bytes(other.Text),
        };

    private static IEnumerable<int> Bytes(string text) => Encoding.UTF8.GetBytes(text).Select(value => (int)value);

    private static Usage UsageOf(GenerateChunk? last) => new(last?.PromptTokens ?? 0, last?.CompletionTokens ?? 0);

    public static async Task SendAsync(HttpResponse response, object value, CancellationToken cancellationToken)
    {
        await response.WriteAsync("data: " + JsonSerializer.Serialize(value, JsonSerializerOptions.Web) + "\n\n", cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
