using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Adapters;

/// <summary>Reads and writes adapters as PEFT does: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>.</summary>
public static class PeftFolder
{
    private const string ConfigFile = "adapter_config.json", WeightsFile = "adapter_model.safetensors", Prefix = "base_model.model.";
    private const long MaximumConfigBytes = 1L << 20;

    public static bool IsAdapter(string folder) => File.Exists(Path.Combine(folder, ConfigFile));

    public static void Save(string folder, LoraAdapter adapter, string baseName)
    {
        Directory.CreateDirectory(folder);
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (name, update) in adapter.Updates)
        {
            var (a, b) = Keys(name);
            tensors[a] = update.A;
            tensors[b] = update.B;
        }

        Safetensors.Write(Path.Combine(folder, WeightsFile), tensors);
        AtomicFile.WriteAllText(Path.Combine(folder, ConfigFile), Describe(adapter.Config, baseName).ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    /// <exception cref="ModelFileException">The folder is no LoRA adapter for this model.</exception>
    public static LoraAdapter Load(string folder, CausalLM model, CancellationToken cancellation = default)
    {
        var config = ReadConfig(Path.Combine(folder, ConfigFile));
        var path = Path.Combine(folder, WeightsFile);
        var header = Safetensors.ReadHeader(path);
        var projections = config.Select(model);
        foreach (var projection in projections)
        {
            CheckShapes(header, projection, config.Rank, ReferenceEquals(projection, model.Embedding));
        }

        var tensors = Safetensors.Read(path, cancellation);
        using var scope = NewDisposeScope();
        return new(config, projections.ToDictionary(projection => projection.Name, projection =>
        {
            var (a, b) = Keys(projection.Name);
            return new LowRankUpdate(Wide(tensors[a]), Wide(tensors[b]), config.Scale, config.Dropout);
        }));

        Tensor Wide(Tensor tensor) => tensor.to(ScalarType.Float32).to(model.Device).DetachFromDisposeScope();
    }

    private static (string A, string B) Keys(string projection) => projection.EndsWith("embed_tokens", StringComparison.Ordinal)
        ? ($"{Prefix}{projection}.lora_embedding_A", $"{Prefix}{projection}.lora_embedding_B")
        : ($"{Prefix}{projection}.lora_A.weight", $"{Prefix}{projection}.lora_B.weight");

    private static void CheckShapes(SafetensorsHeader header, Projection projection, int rank, bool embedding)
    {
        var (output, input) = (projection.Weight.shape[embedding ? 1 : 0], projection.Weight.shape[embedding ? 0 : 1]);
        var (a, b) = Keys(projection.Name);
        foreach (var (key, shape) in ((string, long[])[])[(a, [rank, input]), (b, [output, rank])])
        {
            if (!header.Entries.TryGetValue(key, out var entry))
            {
                throw new ModelFileException($"The adapter lacks '{key}'.");
            }

            if (!entry.Shape.AsSpan().SequenceEqual(shape))
            {
                throw new ModelFileException($"The adapter was made for another base model: '{key}' is [{string.Join(", ", entry.Shape)}], not [{string.Join(", ", shape)}].");
            }
        }
    }

    private static LoraConfig ReadConfig(string path)
    {
        ModelFileException.ThrowIfTooLarge(path, MaximumConfigBytes);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 16 });
            return ReadConfig(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new ModelFileException($"{ConfigFile} can't be read: {exception.Message}", exception);
        }
    }

    private static LoraConfig ReadConfig(JsonElement root)
    {
        if (root.GetProperty("peft_type").GetString() is not "LORA" and var type)
        {
            throw new ModelFileException($"The adapter is of the type '{type}'; LORA can be read.");
        }

        foreach (var name in (string[])["use_dora", "lora_bias", "fan_in_fan_out"])
        {
            if (ModelConfig.Optional(root, name) is { ValueKind: JsonValueKind.True })
            {
                throw new ModelFileException($"The adapter uses {name}, which can't be read here.");
            }
        }

        foreach (var name in (string[])["rank_pattern", "alpha_pattern"])
        {
            if (ModelConfig.Optional(root, name) is { ValueKind: JsonValueKind.Object } pattern && pattern.EnumerateObject().Any())
            {
                throw new ModelFileException($"The adapter uses {name}, which can't be read here.");
            }
        }

        return new(
            root.GetProperty("r").GetInt32(),
            root.GetProperty("lora_alpha").GetDouble(),
            ModelConfig.Optional(root, "lora_dropout")?.GetDouble() ?? 0,
            [.. root.GetProperty("target_modules").EnumerateArray().Select(target => target.GetString() ?? "")],
            ModelConfig.Optional(root, "use_rslora") is { ValueKind: JsonValueKind.True });
    }

    private static JsonObject Describe(LoraConfig config, string baseName) => new()
    {
        ["peft_type"] = "LORA",
        ["task_type"] = "CAUSAL_LM",
        ["base_model_name_or_path"] = baseName,
        ["r"] = config.Rank,
        ["lora_alpha"] = config.Alpha,
        ["lora_dropout"] = config.Dropout,
        ["target_modules"] = new JsonArray([.. config.Targets.Select(target => JsonValue.Create(target))]),
        ["bias"] = "none",
        ["fan_in_fan_out"] = false,
        ["inference_mode"] = true,
        ["init_lora_weights"] = true,
        ["modules_to_save"] = null,
        ["use_rslora"] = config.RankStabilised,
        ["use_dora"] = false,
        ["rank_pattern"] = new JsonObject(),
        ["alpha_pattern"] = new JsonObject(),
    };
}
