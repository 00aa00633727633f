using WebTrainer.Protocol;

namespace WebTrainer.Learning.Models;

/// <summary>Encoders, and the encoder-decoder T5.</summary>
public static partial class ModelFamilies
{
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
    private static ModelConfig MpNet(ConfigReader values) =>
        Offset(values, Bert(values)) with
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
        return (values.OptionalInt("embedding_size") ?? 128) is var width && width == config.HiddenSize
            ? config
            : config with
            {
                EmbeddingSize = width,
            };
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

    /// <summary>
    /// An encoder with rotary positions, windows in most layers, a gated feed-forward part and no biases (arXiv:2412.13663).
    /// </summary>
    private static ModelConfig ModernBert(ConfigReader values)
    {
        values.Ignore(
            "layer_norm_eps",
            "position_embedding_type",
            "decoder_bias",
            "classifier_activation",
            "classifier_bias",
            "tie_word_embeddings"
        );
        values.Ignore(
            "deterministic_flash_attn",
            "reference_compile",
            "repad_logits_with_grad",
            "sparse_prediction",
            "sparse_pred_ignore_index"
        );
        var hidden = values.Int("hidden_size");
        var heads = values.Int("num_attention_heads");
        var attentionBias = values.Flag("attention_bias", false);
        var whole = RotaryConfig.ReadOf(values, "full_attention", "global_rope_theta", 160_000, scaled: false);
        var config = new ModelConfig
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
            WindowRotary = RotaryConfig.ReadOf(
                values,
                "sliding_attention",
                "local_rope_theta",
                values.Find("rope_parameters") is null ? whole.Theta : 10_000,
                scaled: false
            ),
            Window = (values.OptionalInt("local_attention") ?? 128) / 2,
            WholeSightEvery = values.OptionalInt("global_attn_every_n_layers") ?? 3,
            FirstInputAsIs = true,
            BothWays = true,
            JoinedGate = true,
            QueryKeyValue = QueryKeyValueKind.Joined,
            QueryKeyValueBias = attentionBias,
            OutputBias = attentionBias,
            FeedForwardBias = values.Flag("mlp_bias", false),
            Activation = Activation(values.Text("hidden_activation") ?? "gelu"),
        };
        return values.Find("global_attn_every_n_layers") is null ? Layered(values, config) : Agreeing(values, config);
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
            StartId = values.OptionalInt("decoder_start_token_id") ?? values.OptionalInt("pad_token_id") ?? 0,
            Heads = heads,
            KeyValueHeads = heads,
            HeadSize = values.Int("d_kv"),
            ContextTokens = values.OptionalInt("n_positions") ?? ModelTypes.EncoderDecoderContext,
            NormEpsilon = values.Number("layer_norm_epsilon", 1e-6),
            Rotary = null,
            Relative = new(
                values.OptionalInt("relative_attention_num_buckets") ?? 32,
                values.OptionalInt("relative_attention_max_distance") ?? 128
            ),
            TiedHead = values.Flag("tie_word_embeddings", true),
            Activation = activation,
            Gated = gated,
            AttentionFactor = 1,
        };
    }
}
