using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Models;

/// <summary>
/// The part of a <c>…ForConditionalGeneration</c> that reads and writes text, as a model of its own. Its images' part is left out. What a
/// nested configuration leaves out has the value of the library's class, since the library doesn't write those.
/// </summary>
internal static class TextPart
{
    private static readonly Dictionary<string, (string Class, string Absent)> s_families = new()
    {
        ["llama"] = (
            "LlamaForCausalLM",
            """{"vocab_size":32000,"hidden_size":4096,"intermediate_size":11008,"num_hidden_layers":32,"num_attention_heads":32}"""
        ),
        ["mistral"] = (
            "MistralForCausalLM",
            """
            {"vocab_size":32000,"hidden_size":4096,"intermediate_size":14336,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":8,"max_position_embeddings":131072,"sliding_window":4096}
            """
        ),
        ["qwen2"] = (
            "Qwen2ForCausalLM",
            """{"vocab_size":151936,"hidden_size":4096,"intermediate_size":22016,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":32,"max_position_embeddings":32768}"""
        ),
        ["qwen3"] = (
            "Qwen3ForCausalLM",
            """{"vocab_size":151936,"hidden_size":4096,"intermediate_size":22016,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":32,"max_position_embeddings":32768}"""
        ),
        ["gemma3_text"] = (
            "Gemma3ForCausalLM",
            """
            {"vocab_size":262208,"hidden_size":2304,"intermediate_size":9216,"num_hidden_layers":26,"num_attention_heads":8,"num_key_value_heads":4,"head_dim":256,"max_position_embeddings":131072}
            """
        ),
        ["phi3"] = ("Phi3ForCausalLM", "{}"),
        ["granite"] = ("GraniteForCausalLM", "{}"),
        ["smollm3"] = ("SmolLM3ForCausalLM", "{}"),
    };

    /// <returns>Null where the whole model is one of text.</returns>
    public static JsonElement? Find(JsonElement root)
    {
        if (
            ModelTypes.TextPartOf(root) is not { } text
            || !s_families.TryGetValue(text.GetProperty("model_type").GetString()!, out var family)
        )
        {
            return null;
        }

        var config = JsonNode.Parse(family.Absent)!.AsObject();
        foreach (var (key, value) in JsonObject.Create(text)!)
        {
            config[key] = value?.DeepClone();
        }

        config["architectures"] = new JsonArray(family.Class);
        return JsonSerializer.SerializeToElement(config);
    }
}
