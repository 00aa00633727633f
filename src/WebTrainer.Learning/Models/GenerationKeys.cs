using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Learning.Batching;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>
/// What the files of a tuned model say of where its answers end, so that other programs stop there too: transformers ends at
/// <c>eos_token_id</c> of <c>generation_config.json</c>, others at that of <c>config.json</c>.
/// </summary>
internal static class GenerationKeys
{
    private const string ConfigFile = "config.json",
        GenerationFile = "generation_config.json",
        End = "eos_token_id";
    private static readonly string[] s_others = ["bos_token_id", "pad_token_id", "decoder_start_token_id"];

    /// <summary>Every end into <c>generation_config.json</c>, whose other keys stay; the learned one, and the type of the weights, into
    /// <c>config.json</c>.</summary>
    /// <param name="folder">Written by <see cref="ModelStore.SaveTuned"/>.</param>
    /// <param name="encoder">By which the answers were learned.</param>
    /// <param name="type">Of the weights in the folder.</param>
    public static void Write(string folder, ConversationEncoder encoder, ScalarType type)
    {
        var config = Read(Path.Combine(folder, ConfigFile));
        var generation = File.Exists(Path.Combine(folder, GenerationFile)) ? Read(Path.Combine(folder, GenerationFile)) : [];
        WriteType(config, type);
        foreach (var key in s_others.Where(key => config[key] is not null && !generation.ContainsKey(key)))
        {
            generation[key] = config[key]!.DeepClone();
        }

        if (encoder.EndIds.Count > 0)
        {
            // The first is what training put behind each answer (ConversationEncoder.EndIds).
            config[End] = encoder.EndIds.First();
            generation[End] =
                encoder.EndIds.Count == 1 ? encoder.EndIds.First() : new JsonArray([.. encoder.EndIds.Select(id => JsonValue.Create(id))]);
        }

        Write(Path.Combine(folder, ConfigFile), config);
        Write(Path.Combine(folder, GenerationFile), generation);
    }

    /// <summary>Older programs read <c>torch_dtype</c>, newer ones that and <c>dtype</c>.</summary>
    private static void WriteType(JsonObject config, ScalarType type)
    {
        var name = type == ScalarType.BFloat16 ? "bfloat16" : "float32";
        config["torch_dtype"] = name;
        if (config.ContainsKey("dtype"))
        {
            config["dtype"] = name;
        }
    }

    private static JsonObject Read(string path) =>
        JsonNode.Parse(File.ReadAllText(path)) as JsonObject
        ?? throw new ModelFileException($"{Path.GetFileName(path)} is no JSON object.");

    private static void Write(string path, JsonObject root) =>
        AtomicFile.WriteAllText(path, root.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
}
