using System.Text.Json;
using System.Text.Json.Serialization;

namespace WebTrainer.Portal.Features.Deployments.OpenAi;

/// <summary>Body of <c>POST /v1/completions</c> and <c>/v1/chat/completions</c>: the fields that are supported.</summary>
public sealed record CompletionBody
{
    [JsonPropertyName("model")]
    public string? Model { get; init; }

    [JsonPropertyName("messages")]
    public IReadOnlyList<MessageBody>? Messages { get; init; }

    [JsonPropertyName("prompt")]
    public JsonElement? Prompt { get; init; }

    [JsonPropertyName("max_tokens")]
    public int? MaxTokens { get; init; }

    [JsonPropertyName("max_completion_tokens")]
    public int? MaxCompletionTokens { get; init; }

    [JsonPropertyName("temperature")]
    public double? Temperature { get; init; }

    [JsonPropertyName("top_p")]
    public double? TopP { get; init; }

    [JsonPropertyName("top_k")]
    public int? TopK { get; init; }

    [JsonPropertyName("min_p")]
    public double? MinP { get; init; }

    [JsonPropertyName("repetition_penalty")]
    public double? RepetitionPenalty { get; init; }

    [JsonPropertyName("frequency_penalty")]
    public double? FrequencyPenalty { get; init; }

    [JsonPropertyName("presence_penalty")]
    public double? PresencePenalty { get; init; }

    /// <summary>Numbers by token id.</summary>
    [JsonPropertyName("logit_bias")]
    public IReadOnlyDictionary<string, double>? LogitBias { get; init; }

    /// <summary>A number for <c>/v1/completions</c>, true or false for <c>/v1/chat/completions</c>.</summary>
    [JsonPropertyName("logprobs")]
    public JsonElement? LogProbabilities { get; init; }

    [JsonPropertyName("top_logprobs")]
    public int? TopLogProbabilities { get; init; }

    [JsonPropertyName("echo")]
    public bool Echo { get; init; }

    [JsonPropertyName("stop")]
    public JsonElement? Stop { get; init; }

    [JsonPropertyName("seed")]
    public long? Seed { get; init; }

    /// <summary>Answers to the same prompt.</summary>
    [JsonPropertyName("n")]
    public int? N { get; init; }

    /// <summary>Text, any JSON object, or JSON by a schema.</summary>
    [JsonPropertyName("response_format")]
    public JsonElement? ResponseFormat { get; init; }

    /// <summary>The answer is one of these texts; vLLM's name for it.</summary>
    [JsonPropertyName("guided_choice")]
    public JsonElement? GuidedChoice { get; init; }

    [JsonPropertyName("stream")]
    public bool Stream { get; init; }

    [JsonPropertyName("stream_options")]
    public StreamOptions? StreamOptions { get; init; }

    /// <summary>Functions that the model may ask for; it does so in the text of its answer.</summary>
    [JsonPropertyName("tools")]
    public JsonElement? Tools { get; init; }

    /// <summary>All other fields: none changes the answer here, so each is refused that would (<see cref="OtherFields"/>).</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Others { get; init; }
}

public sealed record StreamOptions([property: JsonPropertyName("include_usage")] bool IncludeUsage)
{
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Others { get; init; }
}

/// <param name="Content">A string, or an array of text parts; null where an answer only calls tools.</param>
public sealed record MessageBody(
    [property: JsonPropertyName("role")] string? Role,
    [property: JsonPropertyName("content")] JsonElement? Content
)
{
    [JsonPropertyName("tool_calls")]
    public JsonElement? Calls { get; init; }

    /// <summary>Of the call whose result the message is.</summary>
    [JsonPropertyName("tool_call_id")]
    public string? CallId { get; init; }

    /// <summary>Of the tool whose result the message is; a person's is not supported.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Others { get; init; }
}

public sealed record Usage(
    [property: JsonPropertyName("prompt_tokens")] int PromptTokens,
    [property: JsonPropertyName("completion_tokens")] int CompletionTokens
)
{
    [JsonPropertyName("total_tokens")]
    public int TotalTokens => PromptTokens + CompletionTokens;

    [JsonPropertyName("prompt_tokens_details")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PromptTokensDetails? PromptDetails { get; init; }
}

/// <param name="CachedTokens">Were read before, in another request that began alike.</param>
public sealed record PromptTokensDetails([property: JsonPropertyName("cached_tokens")] int CachedTokens);

public sealed record ErrorBody([property: JsonPropertyName("error")] ErrorDetail Error);

public sealed record ErrorDetail(
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("param")] string? Param = null,
    [property: JsonPropertyName("code")] string? Code = null
);

/// <summary>A request that the endpoint refuses, with its status.</summary>
/// <param name="code">The kind of refusal, where clients know one.</param>
public sealed class OpenAiException(int status, string message, string type = "invalid_request_error", string? code = null)
    : Exception(message)
{
    public int Status => status;
    public string Type => type;
    public string? Code => code;

    /// <summary>The field of the request that is at fault; null where none is.</summary>
    public string? Param { get; init; }

    /// <summary>When the same request may be let through; null where waiting changes nothing.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A field whose value is not taken.</summary>
    public static OpenAiException Bad(string field, string message) => new(StatusCodes.Status400BadRequest, message) { Param = field };

    public static OpenAiException NoModel(string? name, string why) =>
        new(StatusCodes.Status404NotFound, $"'{name}' can't be asked here. {why} GET /v1/models lists what can.", code: "model_not_found")
        {
            Param = "model",
        };

    public static OpenAiException NoRoute(HttpRequest request) =>
        new(
            StatusCodes.Status404NotFound,
            $"There is no {request.Method} {request.Path} here. There are GET /v1/models, POST /v1/chat/completions, POST /v1/responses, POST /v1/completions, POST /v1/embeddings, POST /v1/classify and POST /v1/feedback.",
            code: "unknown_url"
        );

    public static OpenAiException NoKey(string message) =>
        new(StatusCodes.Status401Unauthorized, message, "authentication_error", "invalid_api_key");
}
