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
        var answers = new SortedDictionary<int, WholeAnswer>();
        GenerateChunk? last = null;
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
        {
            ThrowIfRefused(chunk);
            if (!answers.TryGetValue(chunk.Index, out var answer))
            {
                answers[chunk.Index] = answer = new WholeAnswer();
            }

            answer.Text.Append(chunk.Text);
            answer.Tokens.AddRange(chunk.Tokens ?? []);
            answer.FinishReason = chunk.FinishReason;
            last = chunk;
        }

        await response.WriteAsJsonAsync(
            new
            {
                id,
                @object = chat ? "chat.completion" : "text_completion",
                created = _created,
                model,
                choices = answers.Select(answer => Choice(answer.Key, answer.Value)),
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
        var begun = new HashSet<int>();
        GenerateChunk? last = null;
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
        {
            ThrowIfRefused(chunk);
            if (begun.Add(chunk.Index))
            {
                await BeginAsync(response, chunk.Index, cancellationToken);
            }

            last = chunk;
            if (chunk.Text.Length > 0 || chunk.Tokens is { Count: > 0 })
            {
                object content = chat ? new { content = chunk.Text } : chunk.Text;
                await SendAsync(response, Chunk(chunk.Index, content, null, chunk.Tokens), cancellationToken);
            }

            if (chunk.FinishReason is { } finish)
            {
                await SendAsync(response, Chunk(chunk.Index, chat ? new { } : "", finish), cancellationToken);
            }
        }

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
    private async Task BeginAsync(HttpResponse response, int index, CancellationToken cancellationToken)
    {
        if (!response.HasStarted)
        {
            response.ContentType = "text/event-stream; charset=utf-8";
            response.Headers.CacheControl = "no-store";
        }

        if (chat)
        {
            await SendAsync(response, Chunk(index, new { role = "assistant", content = "" }, null), cancellationToken);
        }
    }

    private void ThrowIfRefused(GenerateChunk chunk) => ThrowIfRefused(chunk, chat ? "messages" : "prompt", ConstraintReader.Field);

    /// <param name="chunk">Of the answer.</param>
    /// <param name="input">The field that holds what the model reads.</param>
    /// <param name="format">The field that holds what the answer is held to.</param>
    /// <exception cref="OpenAiException">The model refused the request, or failed.</exception>
    internal static void ThrowIfRefused(GenerateChunk? chunk, string input, string format)
    {
        if (chunk?.FinishReason != "error")
        {
            return;
        }

        throw chunk.Fault switch
        {
            RequestFault.TooLong => new OpenAiException(StatusCodes.Status400BadRequest, chunk.Error!, code: "context_length_exceeded")
            {
                Param = input,
            },
            RequestFault.Constraint => OpenAiException.Bad(format, chunk.Error!),
            RequestFault.Wrong => new OpenAiException(StatusCodes.Status400BadRequest, chunk.Error!),
            _ => new OpenAiException(
                StatusCodes.Status500InternalServerError,
                chunk.Error ?? "The model could not answer.",
                "server_error"
            ),
        };
    }

    private string ObjectName => chat ? "chat.completion.chunk" : "text_completion";

    private object Choice(int index, WholeAnswer answer) =>
        chat
            ? new
            {
                index,
                message = new { role = "assistant", content = answer.Text.ToString() },
                finish_reason = answer.FinishReason,
                logprobs = LogProbabilities(answer.Tokens),
            }
            : new
            {
                index,
                text = answer.Text.ToString(),
                finish_reason = answer.FinishReason,
                logprobs = LogProbabilities(answer.Tokens),
            };

    private object Chunk(int index, object content, string? finish, IReadOnlyList<TokenLogProbability>? tokens = null) =>
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
                        index,
                        delta = content,
                        finish_reason = finish,
                        logprobs = LogProbabilities(tokens ?? []),
                    }
                    : new
                    {
                        index,
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

    private static Usage UsageOf(GenerateChunk? last) =>
        new(last?.PromptTokens ?? 0, last?.CompletionTokens ?? 0) { PromptDetails = new(last?.CachedTokens ?? 0) };

    /// <summary>One answer, as far as it has come.</summary>
    private sealed class WholeAnswer
    {
        public StringBuilder Text { get; } = new();

        public List<TokenLogProbability> Tokens { get; } = [];

        public string? FinishReason { get; set; }
    }

    public static async Task SendAsync(HttpResponse response, object value, CancellationToken cancellationToken)
    {
        await response.WriteAsync("data: " + JsonSerializer.Serialize(value, JsonSerializerOptions.Web) + "\n\n", cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
