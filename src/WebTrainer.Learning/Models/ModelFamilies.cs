using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Models;

/// <summary>The families of models that can be read, and how each one's <c>config.json</c> says what it is.</summary>
public static class ModelFamilies
{
    private static readonly Dictionary<string, Func<ConfigReader, ModelConfig>> s_readers = new()
    {
        ["llama"] = Llama,
        ["mistral"] = Mistral,
        ["qwen2"] = Qwen2,
        ["qwen3"] = Qwen3,
        ["gemma"] = Gemma,
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

    /// <summary>Names as in <c>model_type</c>.</summary>
    public static IEnumerable<string> Known => s_readers.Keys;

    /// <exception cref="ModelFileException">The architecture or a key is not known here.</exception>
    internal static ModelConfig Read(JsonElement root)
    {
        var type = ModelConfig.Optional(root, "model_type")?.GetString();
        if (type is null || !s_readers.TryGetValue(type, out var reader))
        {
            throw new ModelFileException($"The architecture '{type ?? "unnamed"}' is not known here; known are {string.Join(", ", Known)}.");
        }

        var values = new ConfigReader(root);
        var config = reader(values) with { Type = type };
        values.RefuseUnknown();
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
    private static ModelConfig Mistral(ConfigReader values) => Layered(values, Llama(values) with { Window = values.OptionalInt("sliding_window") });

    /// <summary>Llama with biases on query, key and value (arXiv:2407.10671).</summary>
    private static ModelConfig Qwen2(ConfigReader values) => Windowed(values, Llama(values) with { QueryKeyValueBias = true });

    /// <summary>Llama with normalised queries and keys (arXiv:2505.09388).</summary>
    private static ModelConfig Qwen3(ConfigReader values) => Windowed(values, Llama(values) with { NormalisedHeads = true, HeadSize = values.OptionalInt("head_dim") ?? 128 });

    /// <summary>Llama with gains around one, scaled embeddings and a gelu gate (arXiv:2403.08295).</summary>
    private static ModelConfig Gemma(ConfigReader values) => Llama(values) with
    {
        Norm = NormKind.RmsPlusOne,
        ScaledEmbedding = true,
        TiedHead = values.Flag("tie_word_embeddings", true),
        HeadSize = values.OptionalInt("head_dim") ?? 256,
        Activation = Activation(values.Text("hidden_activation") ?? "gelu_pytorch_tanh"), // hidden_act is wrong in the first files published
    };

    private static ModelConfig Windowed(ConfigReader values, ModelConfig config)
    {
        var window = values.OptionalInt("sliding_window");
        var first = values.OptionalInt("max_window_layers") ?? 28;
        return Layered(values, values.Flag("use_sliding_window", false) ? config with { Window = window, FirstWindowedLayer = first } : config);
    }

    /// <summary>Newer files also list the layers one by one; the list must say the same.</summary>
    private static ModelConfig Layered(ConfigReader values, ModelConfig config)
    {
        if (values.Find("layer_types") is { } list)
        {
            var kinds = list.EnumerateArray().Select(kind => kind.GetString()).ToList();
            for (var layer = 0; layer < kinds.Count; layer++)
            {
                if (kinds[layer] != (config.IsWindowed(layer) ? "sliding_attention" : "full_attention"))
                {
                    throw new ModelFileException($"config.json: layer_types makes layer {layer} '{kinds[layer]}', against its other keys.");
                }
            }
        }

        return config;
    }

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

    /// <summary>An encoder: every token sees every other, norms after each part (arXiv:1810.04805).</summary>
    private static ModelConfig Bert(ConfigReader values)
    {
        if (values.Text("position_embedding_type") is not (null or "absolute") and var positions)
        {
            throw new ModelFileException($"config.json: positions of the kind '{positions}' are not known here.");
        }

        values.Expect("is_decoder", false);
        values.Expect("add_cross_attention", false);
        return Biased(values, values.Int("hidden_size"), values.Int("num_attention_heads"), values.Int("intermediate_size")) with
        {
            Layers = values.Int("num_hidden_layers"),
            ContextTokens = values.OptionalInt("max_position_embeddings") ?? 512,
            NormEpsilon = values.Number("layer_norm_eps", 1e-12),
            Rotary = null,
            LearnedPositions = true,
            TokenTypes = values.OptionalInt("type_vocab_size") ?? 2,
            Residual = ResidualKind.PostNorm,
            BothWays = true,
            Activation = Activation(values.Text("hidden_act") ?? "gelu"),
            TiedHead = values.Flag("tie_word_embeddings", true),
        };
    }

    /// <summary>BERT whose positions are counted from behind the padding token's number (arXiv:1907.11692, arXiv:1911.02116).</summary>
    private static ModelConfig Roberta(ConfigReader values) => Offset(values, Bert(values));

    /// <summary>RoBERTa without kinds of token, with learned offsets of attention by distance (arXiv:2004.09297).</summary>
    private static ModelConfig MpNet(ConfigReader values) => Offset(values, Bert(values)) with
    {
        TokenTypes = 0,
        Relative = new(values.OptionalInt("relative_attention_num_buckets") ?? 32, MaximumDistance: 128),
    };

    private static ModelConfig Offset(ConfigReader values, ModelConfig config)
    {
        var padding = values.OptionalInt("pad_token_id") ?? 1;
        return config with { PositionsBehind = padding, ContextTokens = config.ContextTokens - padding - 1 };
    }

    /// <summary>BERT that learned to tell replaced tokens, with embeddings of a width of their own (arXiv:2003.10555).</summary>
    private static ModelConfig Electra(ConfigReader values)
    {
        var config = Bert(values);
        return (values.OptionalInt("embedding_size") ?? 128) is var width && width == config.HiddenSize ? config : config with { EmbeddingSize = width };
    }

    /// <summary>Half of BERT's layers, without kinds of token and pooler (arXiv:1910.01108).</summary>
    private static ModelConfig DistilBert(ConfigReader values)
    {
        values.Ignore("sinusoidal_pos_embds", "tie_weights_"); // the positions are in the file, however they were made
        return Biased(values, values.Int("dim"), values.Int("n_heads"), values.Int("hidden_dim")) with
        {
            Layers = values.Int("n_layers"),
            ContextTokens = values.OptionalInt("max_position_embeddings") ?? 512,
            NormEpsilon = 1e-12,
            Rotary = null,
            LearnedPositions = true,
            Residual = ResidualKind.PostNorm,
            BothWays = true,
            Activation = Activation(values.Text("activation") ?? "gelu"),
        };
    }

    /// <summary>An encoder with rotary positions, windows in most layers, a gated feed-forward part and no biases (arXiv:2412.13663).</summary>
    private static ModelConfig ModernBert(ConfigReader values)
    {
        values.Ignore("layer_norm_eps", "position_embedding_type", "decoder_bias", "classifier_activation", "classifier_bias", "tie_word_embeddings");
        values.Ignore("deterministic_flash_attn", "reference_compile", "repad_logits_with_grad", "sparse_prediction", "sparse_pred_ignore_index");
        var hidden = values.Int("hidden_size");
        var heads = values.Int("num_attention_heads");
        var attentionBias = values.Flag("attention_bias", false);
        var whole = RotaryOf(values, "full_attention", "global_rope_theta", 160_000);
        return Layered(values, new()
        {
            VocabularySize = values.Int("vocab_size"),
            HiddenSize = hidden,
            IntermediateSize = values.Int("intermediate_size"),
            Layers = values.Int("num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = heads,
            HeadSize = heads > 0 ? hidden / heads : 0,
            ContextTokens = values.OptionalInt("max_position_embeddings") ?? 8192,
            Norm = NormKind.Layer,
            NormBias = values.Flag("norm_bias", false),
            NormEpsilon = values.Number("norm_eps", 1e-5),
            Rotary = whole,
            WindowRotary = RotaryOf(values, "sliding_attention", "local_rope_theta", values.Find("rope_parameters") is null ? whole.Theta : 10_000),
            Window = (values.OptionalInt("local_attention") ?? 128) / 2,
            WholeSightEvery = values.OptionalInt("global_attn_every_n_layers") ?? FirstRepeat(values) ?? 3,
            FirstInputAsIs = true,
            BothWays = true,
            JoinedGate = true,
            QueryKeyValue = QueryKeyValueKind.Joined,
            QueryKeyValueBias = attentionBias,
            OutputBias = attentionBias,
            FeedForwardBias = values.Flag("mlp_bias", false),
            Activation = Activation(values.Text("hidden_activation") ?? "gelu"),
        });
    }

    /// <summary>Older files name a rate by kind of layer, newer ones nest them.</summary>
    private static RotaryConfig RotaryOf(ConfigReader values, string layers, string name, double theta)
    {
        var nested = values.Find("rope_parameters") is { } parameters ? ModelConfig.Optional(parameters, layers) : null;
        var type = nested is { } rotary ? ModelConfig.Optional(rotary, "rope_type")?.GetString() : null;
        return type is null or "default"
            ? new((values.Find(name) ?? (nested is { } own ? ModelConfig.Optional(own, "rope_theta") : null))?.GetDouble() ?? theta)
            : throw new ModelFileException($"The position scaling '{type}' is not known here.");
    }

    /// <summary>The second layer that sees everything, where the layers are listed one by one.</summary>
    private static int? FirstRepeat(ConfigReader values)
    {
        if (values.Find("layer_types") is not { } list)
        {
            return null;
        }

        var whole = list.EnumerateArray().Select((kind, layer) => (Kind: kind.GetString(), Layer: layer)).Where(kind => kind is { Kind: "full_attention", Layer: > 0 });
        return whole.Select(kind => kind.Layer).FirstOrDefault(list.GetArrayLength());
    }

    /// <summary>An encoder and a decoder that looks at it, with offsets by distance instead of positions (arXiv:1910.10683).</summary>
    private static ModelConfig T5(ConfigReader values)
    {
        var (activation, gated) = (values.Text("feed_forward_proj") ?? "relu") switch
        {
            "gated-gelu" => (ActivationKind.GeluTanh, true), // the first files say gelu and mean its tanh form
            var name when name.StartsWith("gated-", StringComparison.Ordinal) => (Activation(name["gated-".Length..]), true),
            var name => (Activation(name), false),
        };
        _ = (values.Find("dense_act_fn"), values.Find("is_gated_act")); // both follow from feed_forward_proj
        var layers = values.Int("num_layers");
        var heads = values.Int("num_heads");
        return new()
        {
            VocabularySize = values.Int("vocab_size"),
            HiddenSize = values.Int("d_model"),
            IntermediateSize = values.Int("d_ff"),
            Layers = layers,
            DecoderLayers = values.OptionalInt("num_decoder_layers") ?? layers,
            Heads = heads,
            KeyValueHeads = heads,
            HeadSize = values.Int("d_kv"),
            ContextTokens = values.OptionalInt("n_positions") ?? 512,
            NormEpsilon = values.Number("layer_norm_epsilon", 1e-6),
            Rotary = null,
            Relative = new(values.OptionalInt("relative_attention_num_buckets") ?? 32, values.OptionalInt("relative_attention_max_distance") ?? 128),
            TiedHead = values.Flag("tie_word_embeddings", true),
            Activation = activation,
            Gated = gated,
            ScaledAttention = false,
        };
    }

    /// <summary>What the older families share: layer norms, one key head a query head, biases everywhere, no gate.</summary>
    private static ModelConfig Biased(ConfigReader values, int hidden, int heads, int intermediate) => new()
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

    internal static ActivationKind Activation(string name) => name switch
    {
        "silu" or "swish" => ActivationKind.Silu,
        "gelu" => ActivationKind.Gelu,
        "gelu_new" or "gelu_fast" or "gelu_pytorch_tanh" => ActivationKind.GeluTanh,
        "relu" => ActivationKind.Relu,
        _ => throw new ModelFileException($"The activation '{name}' is not known here; silu, gelu, gelu_new and relu are."),
    };
}
