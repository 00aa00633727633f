using System.Text;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments.OpenAi;

/// <summary>Writes a generation in the shape of <c>/v1/responses</c>: one message of one text, whole or as events.</summary>
public sealed class ResponsesAnswers(ResponsesBody body, string model, DateTimeOffset now)
{
    private const string InProgress = "in_progress",
        Completed = "completed",
        Incomplete = "incomplete";
    private readonly string _id = "resp_" + Guid.NewGuid().ToString("N");
    private readonly string _message = "msg_" + Guid.NewGuid().ToString("N");
    private int _events;

    public async Task WriteWholeAsync(HttpResponse response, IAsyncEnumerable<GenerateChunk> chunks, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        GenerateChunk? last = null;
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
        {
            Answers.ThrowIfRefused(chunk, "input", "text.format");
            text.Append(chunk.Text);
            last = chunk;
        }

        await response.WriteAsJsonAsync(Whole(StatusOf(last), text.ToString(), last), cancellationToken);
    }

    public async Task WriteStreamAsync(HttpResponse response, IAsyncEnumerable<GenerateChunk> chunks, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        GenerateChunk? last = null;
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
        {
            Answers.ThrowIfRefused(chunk, "input", "text.format");
            if (last is null)
            {
                await BeginAsync(response, cancellationToken);
            }

            last = chunk;
            text.Append(chunk.Text);
            if (chunk.Text.Length > 0)
            {
                await SendAsync(
                    response,
                    "response.output_text.delta",
                    new
                    {
                        item_id = _message,
                        output_index = 0,
                        content_index = 0,
                        delta = chunk.Text,
                        logprobs = Array.Empty<object>(),
                    },
                    cancellationToken
                );
            }
        }

        await EndAsync(response, text.ToString(), last, cancellationToken);
    }

    // Not before the model has begun: what it refuses has a status of its own.
    private async Task BeginAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        await SendAsync(response, "response.created", new { response = Whole(InProgress, null, null) }, cancellationToken);
        await SendAsync(response, "response.in_progress", new { response = Whole(InProgress, null, null) }, cancellationToken);
        await SendAsync(
            response,
            "response.output_item.added",
            new { output_index = 0, item = Message(InProgress, null) },
            cancellationToken
        );
        await SendAsync(
            response,
            "response.content_part.added",
            new
            {
                item_id = _message,
                output_index = 0,
                content_index = 0,
                part = Part(""),
            },
            cancellationToken
        );
    }

    private async Task EndAsync(HttpResponse response, string text, GenerateChunk? last, CancellationToken cancellationToken)
    {
        var status = StatusOf(last);
        await SendAsync(
            response,
            "response.output_text.done",
            new
            {
                item_id = _message,
                output_index = 0,
                content_index = 0,
                text,
                logprobs = Array.Empty<object>(),
            },
            cancellationToken
        );
        await SendAsync(
            response,
            "response.content_part.done",
            new
            {
                item_id = _message,
                output_index = 0,
                content_index = 0,
                part = Part(text),
            },
            cancellationToken
        );
        await SendAsync(response, "response.output_item.done", new { output_index = 0, item = Message(status, text) }, cancellationToken);
        await SendAsync(response, "response." + status, new { response = Whole(status, text, last) }, cancellationToken);
    }

    /// <summary>An answer that was cut at its limit is no whole one.</summary>
    private static string StatusOf(GenerateChunk? last) => last?.FinishReason == "length" ? Incomplete : Completed;

    /// <param name="text">Null while nothing of it is written.</param>
    private object Whole(string status, string? text, GenerateChunk? last) =>
        new
        {
            id = _id,
            @object = "response",
            created_at = now.ToUnixTimeSeconds(),
            status,
            error = (object?)null,
            incomplete_details = status == Incomplete ? new { reason = "max_output_tokens" } : null,
            instructions = body.Instructions,
            max_output_tokens = body.MaxOutputTokens,
            model,
            output = text is null ? [] : new[] { Message(status, text) },
            parallel_tool_calls = false,
            previous_response_id = (string?)null,
            store = false,
            temperature = body.Temperature ?? 1,
            text = body.TextOptions is { ValueKind: JsonValueKind.Object } options
                ? (object)options
                : new { format = new { type = "text" } },
            tool_choice = "none",
            tools = Array.Empty<object>(),
            top_p = body.TopP ?? 1,
            truncation = "disabled",
            metadata = new { },
            usage = last is null
                ? null
                : new
                {
                    input_tokens = last.PromptTokens,
                    input_tokens_details = new { cached_tokens = last.CachedTokens ?? 0 },
                    output_tokens = last.CompletionTokens,
                    output_tokens_details = new { reasoning_tokens = 0 },
                    total_tokens = last.PromptTokens + last.CompletionTokens,
                },
        };

    private object Message(string status, string? text) =>
        new
        {
            id = _message,
            type = "message",
            status,
            role = "assistant",
            content = text is null ? [] : new[] { Part(text) },
        };

    private static object Part(string text) =>
        new
        {
            type = "output_text",
            text,
            annotations = Array.Empty<object>(),
            logprobs = Array.Empty<object>(),
        };

    private async Task SendAsync<T>(HttpResponse response, string type, T fields, CancellationToken cancellationToken)
    {
        var data = JsonSerializer.SerializeToNode(fields, JsonSerializerOptions.Web)!.AsObject();
        data.Insert(0, "type", type);
        data.Insert(1, "sequence_number", _events++);
        await response.WriteAsync($"event: {type}\ndata: {data.ToJsonString()}\n\n", cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
