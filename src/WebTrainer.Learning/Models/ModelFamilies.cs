using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Models;

/// <summary>The families of models that can be read, and how each one's <c>config.json</c> says what it is.</summary>
public static partial class ModelFamilies
{
    private static readonly Dictionary<string, Func<ConfigReader, ModelConfig>> s_readers = new()
    {
        ["llama"] = Llama,
        ["mistral"] = Mistral,
        ["qwen2"] = Qwen2,
        ["qwen3"] = Qwen3,
        ["gemma"] = Gemma,
        ["gemma2"] = Gemma2,
        ["gemma3_text"] = Gemma3,
        ["phi3"] = Phi3,
        ["smollm3"] = SmolLM3,
        ["olmo2"] = Olmo2,
        ["granite"] = Granite,
        ["mixtral"] = Mixtral,
        ["qwen3_moe"] = Qwen3Moe,
        ["gpt_oss"] = GptOss,
        ["gpt2"] = Gpt2,
        ["gpt_neox"] = GptNeoX,
        ["bert"] = Bert,
        ["roberta"] = Roberta,
        ["xlm-roberta"] = Roberta,
        ["distilbert"] = DistilBert,
        ["mpnet"] = MpNet,
        ["electra"] = Electra,
        ["modernbert"] = ModernBert,
        ["t5"] = T5,
    };

    /// <summary>Families that can be read here, as <c>model_type</c> of <c>config.json</c> names them.</summary>
    public static IEnumerable<string> Known => s_readers.Keys;

    /// <exception cref="ModelFileException">The architecture or a key is not known here.</exception>
    internal static ModelConfig Read(JsonElement root, IReadOnlySet<string> confirmed)
    {
        var type = ModelConfig.Optional(root, "model_type")?.GetString();
        if (type is null || !s_readers.TryGetValue(type, out var reader))
        {
            throw new ModelFileException(
                $"The architecture '{type ?? "unnamed"}' is not known here; known are {string.Join(", ", Known)}."
            );
        }

        var values = new ConfigReader(root);
        var config = reader(values) with { Type = type };
        values.RefuseUnknown(confirmed);
        return config;
    }

    /// <summary>Pre-norm, RMS, rotary, gated, grouped queries (arXiv:2302.13971): what most of today's decoders vary.</summary>
    private static ModelConfig Llama(ConfigReader values)
    {
        var hidden = values.Int("hidden_size");
        var heads = values.Int("num_attention_heads");
        var attentionBias = values.Flag("attention_bias", false);
        return new()
        {
            VocabularySize = values.Int("vocab_size"),
            HiddenSize = hidden,
            IntermediateSize = values.Int("intermediate_size"),
            Layers = values.Int("num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = values.OptionalInt("num_key_value_heads") ?? heads,
            HeadSize = values.OptionalInt("head_dim") ?? (heads > 0 ? hidden / heads : 0),
            ContextTokens = values.OptionalInt("max_position_embeddings") ?? 2048,
            NormEpsilon = values.Number("rms_norm_eps", 1e-6),
            Rotary = RotaryConfig.Read(values),
            TiedHead = values.Flag("tie_word_embeddings", false),
            Activation = Activation(values.Text("hidden_act") ?? "silu"),
            QueryKeyValueBias = attentionBias,
            OutputBias = attentionBias,
            FeedForwardBias = values.Flag("mlp_bias", false),
        };
    }

    /// <summary>Llama with a sliding window (arXiv:2310.06825).</summary>
    private static ModelConfig Mistral(ConfigReader values) =>
        Agreeing(values, Llama(values) with { Window = values.OptionalInt("sliding_window") });

    /// <summary>Llama with biases on query, key and value (arXiv:2407.10671).</summary>
    private static ModelConfig Qwen2(ConfigReader values) => Windowed(values, Llama(values) with { QueryKeyValueBias = true });

    /// <summary>Llama with normalised queries and keys (arXiv:2505.09388).</summary>
    private static ModelConfig Qwen3(ConfigReader values) =>
        Windowed(values, Llama(values) with { HeadNorm = HeadNormKind.ByHead, HeadSize = values.OptionalInt("head_dim") ?? 128 });

    private static ModelConfig Windowed(ConfigReader values, ModelConfig config)
    {
        var window = values.OptionalInt("sliding_window");
        var first = values.OptionalInt("max_window_layers") ?? 28;
        return Layered(
            values,
            values.Flag("use_sliding_window", false) ? config with { Window = window, FirstWindowedLayer = first } : config
        );
    }

    /// <summary>Where a file lists the layers one by one, the list decides.</summary>
    private static ModelConfig Layered(ConfigReader values, ModelConfig config)
    {
        if (LayerKinds(values, config.Layers) is not { } windowed)
        {
            return config;
        }

        return config.Window is not null || !windowed.Contains(true)
            ? config with
            {
                WindowedLayers = windowed,
            }
            : throw new ModelFileException("config.json: layer_types has 'sliding_attention', but no window is set.");
    }

    /// <summary>Where the family has its windows by other keys, a list must say the same.</summary>
    private static ModelConfig Agreeing(ConfigReader values, ModelConfig config)
    {
        var windowed = LayerKinds(values, config.Layers) ?? [];
        var other = Enumerable.Range(0, windowed.Length).FirstOrDefault(layer => windowed[layer] != config.IsWindowed(layer), -1);
        return other < 0
            ? config
            : throw new ModelFileException(
                $"config.json: layer_types says otherwise than its other keys whether layer {other} has a window."
            );
    }

    /// <returns>Whether each layer is windowed; null where the file has no list.</returns>
    private static bool[]? LayerKinds(ConfigReader values, int layers)
    {
        if (values.Find("layer_types") is not { } list)
        {
            return null;
        }

        return list.GetArrayLength() == layers
            ? [.. list.EnumerateArray().Select(kind => IsWindowed(kind.GetString()))]
            : throw new ModelFileException($"config.json: layer_types has {list.GetArrayLength()} layers of {layers}.");
    }

    private static bool IsWindowed(string? kind) =>
        kind switch
        {
            "sliding_attention" => true,
            "full_attention" => false,
            _ => throw new ModelFileException($"config.json: layer_types has '{kind}', which is not known here."),
        };

    /// <summary>Layer norms, learned positions, a plain feed-forward part, joint query/key/value (Radford et al. 2019).</summary>
    private static ModelConfig Gpt2(ConfigReader values)
    {
        values.Expect("scale_attn_weights", true);
        values.Expect("scale_attn_by_inverse_layer_idx", false);
        values.Expect("reorder_and_upcast_attn", false);
        values.Expect("add_cross_attention", false);
        var hidden = values.Int("n_embd");
        var heads = values.Int("n_head");
        return Biased(values, hidden, heads, values.OptionalInt("n_inner") ?? 4 * hidden) with
        {
            Layers = values.Int("n_layer"),
            ContextTokens = values.OptionalInt("n_positions") ?? 1024,
            NormEpsilon = values.Number("layer_norm_epsilon", 1e-5),
            Rotary = null,
            LearnedPositions = true,
            TiedHead = values.Flag("tie_word_embeddings", true),
            QueryKeyValue = QueryKeyValueKind.Joined,
            TransposedMaps = true,
            Activation = Activation(values.Text("activation_function") ?? "gelu_new"),
        };
    }

    /// <summary>Attention and feed-forward part side by side, a quarter of each head turned (arXiv:2204.06745; Pythia).</summary>
    private static ModelConfig GptNeoX(ConfigReader values)
    {
        values.Expect("attention_bias", true);
        return Biased(values, values.Int("hidden_size"), values.Int("num_attention_heads"), values.Int("intermediate_size")) with
        {
            Layers = values.Int("num_hidden_layers"),
            ContextTokens = values.OptionalInt("max_position_embeddings") ?? 2048,
            NormEpsilon = values.Number("layer_norm_eps", 1e-5),
            Rotary = RotaryConfig.Read(values, values.Number("rotary_emb_base", 10_000), values.Number("rotary_pct", 0.25)),
            TiedHead = values.Flag("tie_word_embeddings", false),
            QueryKeyValue = QueryKeyValueKind.JoinedByHead,
            Residual = values.Flag("use_parallel_residual", true) ? ResidualKind.Parallel : ResidualKind.PreNorm,
            Activation = Activation(values.Text("hidden_act") ?? "gelu"),
        };
    }

    /// <summary>What the older families share: layer norms, one key head a query head, biases everywhere, no gate.</summary>
    private static ModelConfig Biased(ConfigReader values, int hidden, int heads, int intermediate) =>
        new()
        {
            VocabularySize = values.Int("vocab_size"),
            HiddenSize = hidden,
            IntermediateSize = intermediate,
            Layers = 0,
            Heads = heads,
            KeyValueHeads = heads,
            HeadSize = heads > 0 ? hidden / heads : 0,
            ContextTokens = 0,
            Norm = NormKind.Layer,
            Gated = false,
            QueryKeyValueBias = true,
            OutputBias = true,
            FeedForwardBias = true,
        };

    internal static ActivationKind Activation(string name) =>
        name switch
        {
            "silu" or "swish" => ActivationKind.Silu,
            "gelu" => ActivationKind.Gelu,
            "gelu_new" or "gelu_fast" or "gelu_pytorch_tanh" => ActivationKind.GeluTanh,
            "relu" => ActivationKind.Relu,
            _ => throw new ModelFileException($"The activation '{name}' is not known here; silu, gelu, gelu_new and relu are."),
        };
}
