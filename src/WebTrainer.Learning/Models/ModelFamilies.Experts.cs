namespace WebTrainer.Learning.Models;

/// <summary>Decoders with routed experts.</summary>
public static partial class ModelFamilies
{
    /// <summary>Mistral with experts (arXiv:2401.04088).</summary>
    private static ModelConfig Mixtral(ConfigReader values)
    {
        values.Ignore("router_aux_loss_coef", "output_router_logits", "router_jitter_noise"); // of pretraining: the balance among experts
        return Mistral(values) with
        {
            NormEpsilon = values.Number("rms_norm_eps", 1e-5),
            Experts = new(
                values.OptionalInt("num_local_experts") ?? 8,
                values.OptionalInt("num_experts_per_tok") ?? 2,
                values.Int("intermediate_size"),
                Normalised: true
            ),
        };
    }

    /// <summary>Qwen3 with experts in some or all layers (arXiv:2505.09388).</summary>
    private static ModelConfig Qwen3Moe(ConfigReader values)
    {
        values.Ignore("router_aux_loss_coef", "output_router_logits", "max_window_layers");
        var experts = values.OptionalInt("num_experts") ?? values.OptionalInt("num_local_experts") ?? 128;
        var window = values.OptionalInt("sliding_window");
        return Agreeing(
            values,
            Llama(values) with
            {
                HeadNorm = HeadNormKind.ByHead,
                Window = values.Flag("use_sliding_window", false) ? window : null,
                Experts = new(
                    experts,
                    values.OptionalInt("num_experts_per_tok") ?? 8,
                    values.OptionalInt("moe_intermediate_size") ?? 768,
                    values.Flag("norm_topk_prob", false)
                )
                {
                    Every = values.OptionalInt("decoder_sparse_step") ?? 1,
                    Without = values.Find("mlp_only_layers") is { } layers
                        ? [.. layers.EnumerateArray().Select(layer => layer.GetInt32())]
                        : [],
                },
            }
        );
    }

    /// <summary>Experts that clamp, a sink beside what each head sees, and a window in every other layer (arXiv:2508.10925).</summary>
    private static ModelConfig GptOss(ConfigReader values)
    {
        // its activation is its own
        values.Ignore("router_aux_loss_coef", "output_router_logits", "experts_per_token", "initial_context_length", "hidden_act");
        var biased = values.Flag("attention_bias", true);
        var experts = values.OptionalInt("num_local_experts") ?? 128;
        return Layered(
            values,
            Llama(values) with
            {
                NormEpsilon = values.Number("rms_norm_eps", 1e-5),
                Rotary = RotaryConfig.Read(values, theta: 150_000),
                ContextTokens = values.OptionalInt("max_position_embeddings") ?? 131_072,
                HeadSize = values.OptionalInt("head_dim") ?? 64,
                QueryKeyValueBias = biased,
                OutputBias = biased,
                Sinks = true,
                Window = values.OptionalInt("sliding_window") ?? 128,
                WholeSightEvery = 2,
                WholeSightFirst = 1,
                Experts = new(experts, values.OptionalInt("num_experts_per_tok") ?? 4, values.Int("intermediate_size"), Normalised: true)
                {
                    StackedLimit = values.Number("swiglu_limit", 7),
                },
            }
        );
    }
}
