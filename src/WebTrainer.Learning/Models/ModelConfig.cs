using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Models;

/// <summary>Sizes and constants of a Llama-style decoder, as in Hugging Face's <c>config.json</c>.</summary>
public sealed record ModelConfig
{
    public required int VocabularySize { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width inside the feed-forward part.</summary>
    public required int IntermediateSize { get; init; }
    public required int Layers { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key/value heads; each serves <see cref="Heads"/> / this many query heads (arXiv:2305.13245).</summary>
    public required int KeyValueHeads { get; init; }
    public required int HeadSize { get; init; }

    /// <summary>Longest sequence the model was trained for, in tokens.</summary>
    public required int ContextTokens { get; init; }
    public double NormEpsilon { get; init; } = 1e-5;
    public RotaryConfig Rotary { get; init; } = new();

    /// <summary>The output head is the embedding matrix.</summary>
    public bool TiedHead { get; init; } = true;

    private const long MaximumBytes = 1L << 20;

    /// <exception cref="ModelFileException">The file is malformed, its sizes are absurd, or the architecture is not known here.</exception>
    public static ModelConfig Read(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        ModelFileException.ThrowIfTooLarge(path, MaximumBytes);
        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = 16 });
            return Read(document.RootElement).Checked();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new ModelFileException($"config.json can't be read: {exception.Message}", exception);
        }
    }

    public void Write(string folder)
    {
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray("LlamaForCausalLM"),
            ["model_type"] = "llama",
            ["vocab_size"] = VocabularySize,
            ["hidden_size"] = HiddenSize,
            ["intermediate_size"] = IntermediateSize,
            ["num_hidden_layers"] = Layers,
            ["num_attention_heads"] = Heads,
            ["num_key_value_heads"] = KeyValueHeads,
            ["head_dim"] = HeadSize,
            ["max_position_embeddings"] = ContextTokens,
            ["rms_norm_eps"] = NormEpsilon,
            ["rope_theta"] = Rotary.Theta,
            ["rope_scaling"] = Rotary.Scaling?.ToJson(),
            ["tie_word_embeddings"] = TiedHead,
            ["attention_bias"] = false,
            ["mlp_bias"] = false,
            ["hidden_act"] = "silu",
            ["torch_dtype"] = "bfloat16",
        };
        AtomicFile.WriteAllText(Path.Combine(folder, "config.json"), json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    private static ModelConfig Read(JsonElement root)
    {
        RefuseUnknown(root);
        var hidden = root.GetProperty("hidden_size").GetInt32();
        var heads = root.GetProperty("num_attention_heads").GetInt32();
        return new()
        {
            VocabularySize = root.GetProperty("vocab_size").GetInt32(),
            HiddenSize = hidden,
            IntermediateSize = root.GetProperty("intermediate_size").GetInt32(),
            Layers = root.GetProperty("num_hidden_layers").GetInt32(),
            Heads = heads,
            KeyValueHeads = Optional(root, "num_key_value_heads")?.GetInt32() ?? heads,
            HeadSize = Optional(root, "head_dim")?.GetInt32() ?? (heads > 0 ? hidden / heads : 0),
            ContextTokens = Optional(root, "max_position_embeddings")?.GetInt32() ?? 2048,
            NormEpsilon = Optional(root, "rms_norm_eps")?.GetDouble() ?? 1e-6,
            Rotary = RotaryConfig.Read(root),
            TiedHead = Optional(root, "tie_word_embeddings")?.GetBoolean() ?? false,
        };
    }

    private static void RefuseUnknown(JsonElement root)
    {
        var type = Optional(root, "model_type")?.GetString();
        if (type is not "llama")
        {
            throw new ModelFileException($"The architecture '{type ?? "unnamed"}' is not known here; Llama-style decoders (model_type 'llama') are.");
        }

        if (Optional(root, "auto_map") is not null)
        {
            throw new ModelFileException("config.json asks for code of its own (auto_map); no code from model folders is run.");
        }

        foreach (var name in (string[])["attention_bias", "mlp_bias"])
        {
            if (Optional(root, name) is { ValueKind: JsonValueKind.True })
            {
                throw new ModelFileException($"config.json sets {name}, which is not known here.");
            }
        }

        if (Optional(root, "hidden_act")?.GetString() is not (null or "silu") and var activation)
        {
            throw new ModelFileException($"The activation '{activation}' is not known here; 'silu' is.");
        }
    }

    /// <summary>Refuses sizes outside what such models have, before anything is allocated by them.</summary>
    private ModelConfig Checked()
    {
        Require("vocab_size", VocabularySize, 1_000_000);
        Require("hidden_size", HiddenSize, 65_536);
        Require("intermediate_size", IntermediateSize, 262_144);
        Require("num_hidden_layers", Layers, 512);
        Require("num_attention_heads", Heads, 1024);
        Require("num_key_value_heads", KeyValueHeads, Heads);
        Require("head_dim", HeadSize, 1024);
        Require("max_position_embeddings", ContextTokens, 10_000_000);
        if (Heads % KeyValueHeads != 0 || HeadSize % 2 != 0)
        {
            throw new ModelFileException("config.json: num_attention_heads must be a multiple of num_key_value_heads, and head_dim even.");
        }

        return this;
    }

    private static void Require(string name, int value, int maximum)
    {
        if (value < 1 || value > maximum)
        {
            throw new ModelFileException($"config.json: {name} is {value}, outside 1 to {maximum}.");
        }
    }

    internal static JsonElement? Optional(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
