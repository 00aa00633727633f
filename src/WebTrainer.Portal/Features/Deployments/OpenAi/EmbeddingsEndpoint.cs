using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using WebTrainer.Portal.Features.Deployments.Keys;
using WebTrainer.Portal.Features.Deployments.Routing;

namespace WebTrainer.Portal.Features.Deployments.OpenAi;

/// <summary>
/// <c>POST /v1/embeddings</c>: <c>{"model": "an encoder", "input": "text" or ["text", …], "encoding_format": "float" or "base64"}</c>. The
/// answer has a vector of length 1 of each text, as the encoder's own files say how to pool it.
/// </summary>
public static class EmbeddingsEndpoint
{
    public const int MaxTexts = 2048;
    private static readonly string[] s_formats = ["float", "base64"];

    public static async Task AnswerAsync(HttpContext http, KeyEntry entry, CancellationToken cancellationToken)
    {
        var body = await BodyReader.ReadAsync<EmbeddingsBody>(http, cancellationToken);
        var texts = TextsOf(body);
        var encoders = http.RequestServices.GetRequiredService<EncoderModels>();
        var model = encoders.Find(entry.Bounds, body.Model) ?? throw await NoEncoderAsync(http, entry, body.Model, cancellationToken);
        await foreach (
            var chunk in entry.Right.WhileHeldAsync(
                held => encoders.EmbedAsync(model, "embd-" + Guid.NewGuid().ToString("N"), texts, held),
                cancellationToken
            )
        )
        {
            Answers.ThrowIfRefused(chunk, "input", "input");
            if (chunk.Vectors is { } vectors)
            {
                http.RequestServices.GetRequiredService<KeyUse>().Note(entry.Key, chunk.PromptTokens ?? 0);
                await http.Response.WriteAsJsonAsync(
                    new EmbeddingsAnswer(
                        "list",
                        [.. vectors.Select((vector, index) => new EmbeddedText("embedding", index, Written(vector, body.Format)))],
                        model.Id,
                        new EmbeddingUsage(chunk.PromptTokens ?? 0, chunk.PromptTokens ?? 0)
                    ),
                    cancellationToken
                );
            }
        }
    }

    /// <exception cref="OpenAiException">A field is unknown, missing or has another value than those that are taken.</exception>
    public static IReadOnlyList<string> TextsOf(EmbeddingsBody body)
    {
        OtherFields.Refuse(body.Others);
        if (body.Dimensions is not null)
        {
            throw Bad("dimensions", "'dimensions' is not supported: a vector is as long as its encoder makes it. Leave it out.");
        }

        if (body.Format is { } format && !s_formats.Contains(format))
        {
            throw Bad("encoding_format", $"'encoding_format' is '{format}'; it must be float or base64.");
        }

        IReadOnlyList<string> texts = body.Input switch
        {
            { ValueKind: JsonValueKind.String } one => [one.GetString()!],
            { ValueKind: JsonValueKind.Array } many => [.. many.EnumerateArray().Select(TextOf)],
            _ => throw Bad("input", "'input' must be a text or a list of texts."),
        };
        return texts.Count is >= 1 and <= MaxTexts
            ? texts
            : throw Bad("input", $"'input' holds 1 to {MaxTexts} texts; this one has {texts.Count}.");
    }

    private static string TextOf(JsonElement item, int index) =>
        item.ValueKind == JsonValueKind.String
            ? item.GetString()!
            : throw Bad($"input[{index}]", $"input[{index}] must be a text; token ids are not supported.");

    /// <returns>The refusal, where the name is of something else.</returns>
    /// <exception cref="OpenAiException">It is of nothing that the key reaches.</exception>
    private static async Task<OpenAiException> NoEncoderAsync(
        HttpContext http,
        KeyEntry entry,
        string? name,
        CancellationToken cancellationToken
    )
    {
        var other = await http
            .RequestServices.GetRequiredService<LiveRoutes>()
            .FindAsync(entry.ProjectId, entry.Bounds, name, who: null, cancellationToken);
        return Bad(
            "model",
            other.Model.Base.IsEncoder
                ? $"'{name}' tells labels, at /v1/classify; vectors are made by the encoder itself: ask '{other.Model.Base.Id}'."
                : $"'{name}' writes text and makes no vectors; ask an encoder."
        );
    }

    /// <param name="vector">float32, little-endian.</param>
    /// <param name="format">Null for numbers.</param>
    private static object Written(byte[] vector, string? format) =>
        format == "base64" ? Convert.ToBase64String(vector) : MemoryMarshal.Cast<byte, float>(vector).ToArray();

    private static OpenAiException Bad(string field, string message) => OpenAiException.Bad(field, message);

    public sealed record EmbeddingsBody
    {
        [JsonPropertyName("model")]
        public string? Model { get; init; }

        [JsonPropertyName("input")]
        public JsonElement? Input { get; init; }

        [JsonPropertyName("encoding_format")]
        public string? Format { get; init; }

        /// <summary>Refused: vectors are not cut.</summary>
        [JsonPropertyName("dimensions")]
        public JsonElement? Dimensions { get; init; }

        [JsonExtensionData]
        public Dictionary<string, JsonElement>? Others { get; init; }
    }

    private sealed record EmbeddingsAnswer(
        [property: JsonPropertyName("object")] string Object,
        [property: JsonPropertyName("data")] IReadOnlyList<EmbeddedText> Data,
        [property: JsonPropertyName("model")] string Model,
        [property: JsonPropertyName("usage")] EmbeddingUsage Usage
    );

    /// <param name="Embedding">Numbers, or base64 of float32 in little-endian bytes.</param>
    private sealed record EmbeddedText(
        [property: JsonPropertyName("object")] string Object,
        [property: JsonPropertyName("index")] int Index,
        [property: JsonPropertyName("embedding")] object Embedding
    );

    private sealed record EmbeddingUsage(
        [property: JsonPropertyName("prompt_tokens")] int PromptTokens,
        [property: JsonPropertyName("total_tokens")] int TotalTokens
    );
}
