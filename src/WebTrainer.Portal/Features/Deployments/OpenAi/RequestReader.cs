using System.Globalization;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments.OpenAi;

/// <summary>Turns an OpenAI request into one for the serving worker; what is not supported is refused by name.</summary>
public static class RequestReader
{
    public const int MaxTokensLimit = 4096;
    private const int DefaultMaxTokens = 256;
    public const int MaxStops = 4;
    private const int MaxAnswers = 8;
    private const int MaxAlternatives = 20;
    private const int MaxTopK = 1000;
    private const int MaxBiases = 1000;
    private static readonly string[] s_roles = ["system", "user", "assistant"];

    /// <summary>"developer" is the newer name of the system role.</summary>
    public static bool IsRole(string? role) => role == "developer" || s_roles.Contains(role);

    public static GenerateRequest Chat(CompletionBody body, string id)
    {
        if (body.Messages is not { Count: > 0 } messages)
        {
            throw Bad("messages", "'messages' must hold at least one message.");
        }

        if (body.Echo)
        {
            throw Bad("echo", "'echo' is for /v1/completions.");
        }

        return Common(body, new GenerateRequest(id, "", Messages: ToolRequest.Read(messages, body)));
    }

    public static GenerateRequest Text(CompletionBody body, string id) =>
        body.Tools is { ValueKind: not JsonValueKind.Null }
            ? throw Bad("tools", "'tools' is for /v1/chat/completions.")
            : Common(body, new GenerateRequest(id, "", Prompt: Prompt(body.Prompt)));

    // Clients send a list of one where their users wrote a text.
    private static string Prompt(JsonElement? prompt) =>
        prompt switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString()!,
            { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() == 1 && list[0].ValueKind == JsonValueKind.String => list[0]
                .GetString()!,
            _ => throw Bad("prompt", "'prompt' must be one string, or a list of one; more of them and token ids are not supported."),
        };

    private static GenerateRequest Common(CompletionBody body, GenerateRequest request)
    {
        OtherFields.Refuse(body.Others);
        OtherFields.Refuse(body.StreamOptions?.Others, "stream_options.");
        return request with
        {
            // A text that is only to be judged, by echo, needs no new tokens.
            MaxNewTokens = Within(
                body.MaxCompletionTokens ?? body.MaxTokens ?? DefaultMaxTokens,
                body.Echo ? 0 : 1,
                MaxTokensLimit,
                body.MaxCompletionTokens is null ? "max_tokens" : "max_completion_tokens"
            ),
            Answers = Within(body.N ?? 1, 1, MaxAnswers, "n"),
            Constraint = ConstraintReader.Of(body),
            Sampling = new SamplingSettings
            {
                Temperature = Within(body.Temperature ?? 1, 0, 2, "temperature"),
                TopK = Within(body.TopK ?? 0, 0, MaxTopK, "top_k"),
                TopP = Within(body.TopP ?? 1, 0, 1, "top_p"),
                MinP = Within(body.MinP ?? 0, 0, 1, "min_p"),
                FrequencyPenalty = Within(body.FrequencyPenalty ?? 0, -2, 2, "frequency_penalty"),
                PresencePenalty = Within(body.PresencePenalty ?? 0, -2, 2, "presence_penalty"),
                LogitBias = Biases(body.LogitBias),
                RepetitionPenalty = Within(body.RepetitionPenalty ?? 1, 0.1, 10, "repetition_penalty"),
            },
            LogProbabilities = Alternatives(body),
            Echo = body.Echo,
            Stop = Stops(body.Stop),
            Seed = body.Seed,
        };
    }

    private static Dictionary<int, double>? Biases(IReadOnlyDictionary<string, double>? biases)
    {
        if (biases?.Count > MaxBiases)
        {
            throw Bad("logit_bias", $"'logit_bias' holds at most {MaxBiases} tokens.");
        }

        return biases?.ToDictionary(
            bias =>
                int.TryParse(bias.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var token)
                    ? token
                    : throw Bad("logit_bias", $"'logit_bias' is by token id, and '{bias.Key}' is none."),
            bias => Within(bias.Value, -100, 100, $"logit_bias['{bias.Key}']")
        );
    }

    /// <returns>How many alternatives to tell beside each token; null where no log-probabilities are asked for.</returns>
    private static int? Alternatives(CompletionBody body) =>
        body.LogProbabilities switch
        {
            null or { ValueKind: JsonValueKind.Null or JsonValueKind.False } => body.TopLogProbabilities is null or 0
                ? null
                : throw Bad("top_logprobs", "'top_logprobs' is told only with 'logprobs': true."),
            { ValueKind: JsonValueKind.True } => Within(body.TopLogProbabilities ?? 0, 0, MaxAlternatives, "top_logprobs"),
            { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out var count) => Within(
                count,
                0,
                MaxAlternatives,
                "logprobs"
            ),
            _ => throw Bad("logprobs", "'logprobs' must be a number, or true or false in a chat."),
        };

    /// <summary>A message of a person or a model, without what of it is of tools.</summary>
    internal static ChatMessage Message(MessageBody message, int index)
    {
        var role = message.Role == "developer" ? "system" : message.Role;
        if (!IsRole(role))
        {
            throw Bad(
                $"messages[{index}].role",
                $"messages[{index}].role '{message.Role}' is not supported; use system, user, assistant or tool."
            );
        }

        OtherFields.Refuse(message.Others, $"messages[{index}].");
        return new ChatMessage(role!, Content(message.Content, index));
    }

    internal static string Content(JsonElement? content, int index)
    {
        switch (content)
        {
            case { ValueKind: JsonValueKind.String } text:
                return text.GetString()!;
            case { ValueKind: JsonValueKind.Array } parts:
                return string.Concat(
                    parts
                        .EnumerateArray()
                        .Select(p =>
                            p.ValueKind == JsonValueKind.Object
                            && p.TryGetProperty("text", out var text)
                            && text.ValueKind == JsonValueKind.String
                                ? text.GetString()
                                : throw Bad($"messages[{index}].content", $"messages[{index}].content: only text parts are supported.")
                        )
                );
            default:
                throw Bad($"messages[{index}].content", $"messages[{index}].content must be a string or text parts.");
        }
    }

    private static string[] Stops(JsonElement? stop)
    {
        string[] stops = stop switch
        {
            null or { ValueKind: JsonValueKind.Null } => [],
            { ValueKind: JsonValueKind.String } one => [one.GetString()!],
            { ValueKind: JsonValueKind.Array } many when many.EnumerateArray().All(s => s.ValueKind == JsonValueKind.String) =>
            [
                .. many.EnumerateArray().Select(s => s.GetString()!),
            ],
            _ => throw Bad("stop", "'stop' must be a string or a list of strings."),
        };
        return stops.Length <= MaxStops ? stops : throw Bad("stop", $"'stop' holds at most {MaxStops} strings.");
    }

    internal static T Within<T>(T value, T low, T high, string name)
        where T : IComparable<T> =>
        value.CompareTo(low) >= 0 && value.CompareTo(high) <= 0 ? value : throw Bad(name, $"'{name}' must lie between {low} and {high}.");

    internal static OpenAiException Bad(string field, string message) => OpenAiException.Bad(field, message);
}
