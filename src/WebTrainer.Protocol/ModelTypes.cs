using System.Text.Json;

namespace WebTrainer.Protocol;

/// <summary>What families of models are for, by the <c>model_type</c> of their <c>config.json</c>.</summary>
public static class ModelTypes
{
    private static readonly string[] s_encoders = ["bert", "roberta", "xlm-roberta", "distilbert", "mpnet", "electra", "modernbert"];
    private static readonly string[] s_llamaNames =
    [
        "llama",
        "mistral",
        "qwen2",
        "qwen3",
        "gemma",
        "gemma2",
        "gemma3_text",
        "smollm3",
        "olmo2",
        "granite",
        "qwen3_moe",
    ];

    /// <summary>Those whose maps are called as Llama's: q_proj, gate_proj, embed_tokens and so on.</summary>
    public static bool HasLlamaNames(string type) => s_llamaNames.Contains(type);

    /// <summary>Encoders of the BERT family: they make vectors of texts and don't go on from them.</summary>
    public static bool IsEncoder(string type) => s_encoders.Contains(type);

    /// <summary>An encoder reads the prompt, and a decoder writes the answer while it looks at what the encoder made of it.</summary>
    public static bool IsEncoderDecoder(string type) => type == "t5";

    /// <summary>Layers of which each token runs through a few of many parts only.</summary>
    public static bool HasExperts(string type) => type is "mixtral" or "qwen3_moe" or "gpt_oss";

    /// <summary>Tokens that T5 was trained with, which not every file of it says.</summary>
    public const int EncoderDecoderContext = 512;

    /// <summary>Decoders and encoder-decoders: they answer, and can be taught to.</summary>
    public static bool CanBeTuned(string type) => IsDecoder(type) || IsEncoderDecoder(type);

    private static bool IsDecoder(string type) => HasLlamaNames(type) || type is "gpt2" or "gpt_neox" or "phi3" or "mixtral" or "gpt_oss";

    /// <summary>
    /// The configuration of the decoder in a model of texts and images; null where the whole model is one of text, or the part is of a
    /// family that isn't known here.
    /// </summary>
    /// <param name="config">Root of the model's <c>config.json</c>.</param>
    public static JsonElement? TextPartOf(JsonElement config) =>
        config.TryGetProperty("text_config", out var text)
        && text.ValueKind == JsonValueKind.Object
        && text.TryGetProperty("model_type", out var type)
        && type.ValueKind == JsonValueKind.String
        && IsDecoder(type.GetString()!)
            ? text
            : null;
}
