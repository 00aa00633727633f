using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Models;

/// <summary>Decoders that are Llama but for where norms stand, what is scaled or capped, and which layers see or turn how.</summary>
public static partial class ModelFamilies
{
    /// <summary>Llama with gains around one, scaled embeddings and a gelu gate (arXiv:2403.08295).</summary>
    private static ModelConfig Gemma(ConfigReader values) =>
        Llama(values) with
        {
            Norm = NormKind.RmsPlusOne,
            EmbeddingFactor = Math.Sqrt(values.Int("hidden_size")),
            TiedHead = values.Flag("tie_word_embeddings", true),
            HeadSize = values.OptionalInt("head_dim") ?? 256,
            // hidden_act is wrong in the first files published
            Activation = Activation(values.Text("hidden_activation") ?? "gelu_pytorch_tanh"),
        };

    /// <summary>Gemma with norms behind its parts too, caps on scores, and a window in every other layer (arXiv:2408.00118).</summary>
    private static ModelConfig Gemma2(ConfigReader values)
    {
        values.Ignore("cache_implementation", "sliding_window_size"); // the second is an older name beside the first
        values.Expect("use_bidirectional_attention", false);
        return Layered(
            values,
            Gemma(values) with
            {
                AttentionFactor = 1 / Math.Sqrt(values.Number("query_pre_attn_scalar", 256)),
                AttentionCap = Cap(values, "attn_logit_softcapping", 50),
                LogitCap = Cap(values, "final_logit_softcapping", 30),
                Window = values.OptionalInt("sliding_window") ?? 4096,
                WholeSightEvery = 2,
                WholeSightFirst = 1,
            }
        );
    }

    /// <summary>
    /// Gemma 2 with norms of queries and keys instead of caps; one layer in six sees everything and turns more slowly (arXiv:2503.19786).
    /// </summary>
    private static ModelConfig Gemma3(ConfigReader values)
    {
        var every = values.OptionalInt("sliding_window_pattern") ?? values.OptionalInt("_sliding_window_pattern") ?? 6;
        return Gemma2(values) with
        {
            HeadNorm = HeadNormKind.ByHead,
            AttentionCap = Cap(values, "attn_logit_softcapping", null),
            LogitCap = Cap(values, "final_logit_softcapping", null),
            WholeSightEvery = every,
            WholeSightFirst = every - 1,
            Rotary = RotaryConfig.ReadOf(values, "full_attention", "rope_theta", 1_000_000, scaled: true),
            WindowRotary = RotaryConfig.ReadOf(values, "sliding_attention", "rope_local_base_freq", 10_000, scaled: false),
        };
    }

    /// <returns>What the file says, null included; the family's own where it says nothing.</returns>
    private static double? Cap(ConfigReader values, string name, double? absent) =>
        values.Find(name) is { } cap ? cap.GetDouble()
        : values.Root.TryGetProperty(name, out _) ? null
        : absent;

    /// <summary>
    /// Llama with joint maps, a window, and in some a part of each head that doesn't turn (arXiv:2404.14219, arXiv:2412.08905).
    /// </summary>
    private static ModelConfig Phi3(ConfigReader values)
    {
        values.Ignore("original_max_position_embeddings"); // of its scaling, there or not
        return Agreeing(
            values,
            Llama(values) with
            {
                QueryKeyValue = QueryKeyValueKind.Joined,
                JoinedGate = true,
                Window = values.OptionalInt("sliding_window"),
                NormEpsilon = values.Number("rms_norm_eps", 1e-5),
                ContextTokens = values.OptionalInt("max_position_embeddings") ?? 4096,
            }
        );
    }

    /// <summary>Llama of whose layers every fourth doesn't turn (arXiv:2501.18795).</summary>
    private static ModelConfig SmolLM3(ConfigReader values)
    {
        var config = Windowed(values, Llama(values) with { TiedHead = values.Flag("tie_word_embeddings", true) });
        return config with
        {
            Rotary = RotaryConfig.Read(values, theta: 2_000_000),
            UnturnedEvery = values.OptionalInt("no_rope_layer_interval") ?? 4,
            TurningLayers = values.Find("no_rope_layers") is { } list ? Turning(list, config.Layers) : null,
        };
    }

    /// <summary>The list's name says the contrary of what its ones mean.</summary>
    private static bool[] Turning(JsonElement list, int layers) =>
        list.GetArrayLength() == layers
            ? [.. list.EnumerateArray().Select(layer => layer.GetInt32() != 0)]
            : throw new ModelFileException($"config.json: no_rope_layers has {list.GetArrayLength()} layers of {layers}.");

    /// <summary>Llama with norms behind its parts instead of before, and over all queries and all keys (arXiv:2501.00656).</summary>
    private static ModelConfig Olmo2(ConfigReader values) =>
        Llama(values) with
        {
            HeadNorm = HeadNormKind.Whole,
            NormEpsilon = values.Number("rms_norm_eps", 1e-5),
        };

    /// <summary>Llama with a factor at embeddings, attention, layers and scores.</summary>
    private static ModelConfig Granite(ConfigReader values) =>
        Llama(values) with
        {
            EmbeddingFactor = values.Number("embedding_multiplier", 1),
            AttentionFactor = values.Number("attention_multiplier", 1),
            ResidualFactor = values.Number("residual_multiplier", 1),
            LogitFactor = 1 / values.Number("logits_scaling", 1),
        };
}
