using System.Text.Json;
using System.Text.Json.Serialization;
using WebTrainer.Portal.Features.Deployments.Keys;
using WebTrainer.Portal.Features.Deployments.Routing;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments.OpenAi;

/// <summary>
/// <c>POST /v1/classify</c>: <c>{"model": "run-12", "input": "text" or ["text", …] or [{"text": "…", "pair": "…"}, …]}</c>. The answer has,
/// for each text, the label and the probability of every label, likeliest first.
/// </summary>
public static class ClassifyEndpoint
{
    public const int MaxTexts = 2048;

    public static async Task AnswerAsync(HttpContext http, KeyEntry entry, CancellationToken cancellationToken)
    {
        var body = await BodyReader.ReadAsync<ClassifyBody>(http, cancellationToken);
        var texts = TextsOf(body);
        var user = Routed.UserOf(body.Others);
        var target = await http
            .RequestServices.GetRequiredService<LiveRoutes>()
            .FindAsync(entry.ProjectId, entry.Bounds, body.Model, user ?? texts[0].Text, cancellationToken);
        if (!target.Model.Base.IsEncoder)
        {
            throw Bad(
                "model",
                $"'{target.Name}' writes text and has no labels of its own; ask it at /v1/chat/completions. Runs that start from an encoder can be asked here."
            );
        }

        var asking = http.RequestServices.GetRequiredService<Asking>();
        var id = "classify-" + Guid.CreateVersion7().ToString("N");
        await foreach (
            var chunk in entry.Right.WhileHeldAsync(
                held =>
                    asking.AskAsync(
                        target,
                        new GenerateRequest(id, "") { Texts = texts, MostLabels = body.TopK },
                        new Asker(entry.Key, user),
                        held
                    ),
                cancellationToken
            )
        )
        {
            Answers.ThrowIfRefused(chunk, "input", "input");

            if (chunk.Classified is { } classified)
            {
                await http.Response.WriteAsJsonAsync(AnswerOf(id, target.Name, chunk, classified), cancellationToken);
            }
        }
    }

    private static ClassifyAnswer AnswerOf(string id, string model, GenerateChunk chunk, IReadOnlyList<ClassifiedText> classified) =>
        new(
            id,
            "classification",
            model,
            [
                .. classified.Select(
                    (text, index) => new ClassifiedItem(index, text.Answer, [.. Ranked(chunk.Labels!, text)], text.Truncated)
                ),
            ],
            new Usage(chunk.PromptTokens ?? 0, 0)
        );

    /// <summary>Likeliest first; a number has no labels.</summary>
    private static IEnumerable<LabelProbability> Ranked(IReadOnlyList<string> labels, ClassifiedText text) =>
        text.Places.Zip(text.Probabilities, (place, probability) => new LabelProbability(labels[place], probability));

    /// <exception cref="OpenAiException">A field is unknown, missing or no text.</exception>
    public static IReadOnlyList<TextToClassify> TextsOf(ClassifyBody body)
    {
        OtherFields.Refuse(body.Others);
        if (body.TopK is < 1)
        {
            throw Bad("top_k", "'top_k' must be 1 or more.");
        }

        IReadOnlyList<TextToClassify> texts = body.Input switch
        {
            { ValueKind: JsonValueKind.String } one => [new(one.GetString()!)],
            { ValueKind: JsonValueKind.Array } many => [.. many.EnumerateArray().Select(TextOf)],
            _ => throw Bad("input", "'input' must be a text or a list of texts."),
        };
        return texts.Count is >= 1 and <= MaxTexts
            ? texts
            : throw Bad("input", $"'input' holds 1 to {MaxTexts} texts; this one has {texts.Count}.");
    }

    private static TextToClassify TextOf(JsonElement item, int index) =>
        item switch
        {
            { ValueKind: JsonValueKind.String } => new(item.GetString()!),
            { ValueKind: JsonValueKind.Object } => PairOf(item, $"input[{index}]."),
            _ => throw Bad($"input[{index}]", $"input[{index}] must be a text, or an object with 'text' and, for pairs, 'pair'."),
        };

    private static TextToClassify PairOf(JsonElement item, string where)
    {
        var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var field in item.EnumerateObject())
        {
            fields[field.Name] = field.Value;
        }

        var text = TextIn(fields, "text", where) ?? throw Bad($"{where}text", $"'{where}text' is missing.");
        var pair = TextIn(fields, "pair", where);
        OtherFields.Refuse(fields, where);
        return new TextToClassify(text, pair);
    }

    private static string? TextIn(Dictionary<string, JsonElement> fields, string name, string where) =>
        !fields.Remove(name, out var value)
            ? null
            : value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Null => null,
                _ => throw Bad(where + name, $"'{where}{name}' must be a text."),
            };

    private static OpenAiException Bad(string field, string message) => OpenAiException.Bad(field, message);

    public sealed record ClassifyBody
    {
        [JsonPropertyName("model")]
        public string? Model { get; init; }

        [JsonPropertyName("input")]
        public JsonElement? Input { get; init; }

        /// <summary>Tell so many of the likeliest labels; all where it is left out.</summary>
        [JsonPropertyName("top_k")]
        public int? TopK { get; init; }

        [JsonExtensionData]
        public Dictionary<string, JsonElement>? Others { get; init; }
    }

    private sealed record ClassifyAnswer(
        [property: JsonPropertyName("id")] string Id,
        [property: JsonPropertyName("object")] string Object,
        [property: JsonPropertyName("model")] string Model,
        [property: JsonPropertyName("data")] IReadOnlyList<ClassifiedItem> Data,
        [property: JsonPropertyName("usage")] Usage Usage
    );

    /// <param name="Truncated">The text's end was not read.</param>
    private sealed record ClassifiedItem(
        [property: JsonPropertyName("index")] int Index,
        [property: JsonPropertyName("label")] string Label,
        [property: JsonPropertyName("labels")] IReadOnlyList<LabelProbability> Labels,
        [property: JsonPropertyName("truncated")] bool Truncated
    );

    private sealed record LabelProbability(
        [property: JsonPropertyName("label")] string Label,
        [property: JsonPropertyName("probability")] float Probability
    );
}
