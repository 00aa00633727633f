using System.Globalization;

namespace WebTrainer.Learning.Models;

/// <summary>What a stack of layers calls its parts in a Hugging Face checkpoint, each without <c>.weight</c>.</summary>
internal sealed record ModelNames
{
    /// <summary>Norms of queries and keys, alike in all families that have them.</summary>
    public const string QueryNorm = "self_attn.q_norm",
        KeyNorm = "self_attn.k_norm";

    /// <summary>A weight by itself, without <c>.weight</c>.</summary>
    public const string Sinks = "self_attn.sinks";

    public required string Embedding { get; init; }
    public string Positions { get; init; } = "";
    public string TokenTypes { get; init; } = "";

    /// <summary>Norm of the embeddings (BERT).</summary>
    public string EmbeddingNorm { get; init; } = "";

    /// <summary>Map from narrow embeddings to the hidden width (ELECTRA).</summary>
    public string EmbeddingMap { get; init; } = "";

    /// <summary>Prefix of a layer, <c>{0}</c> for its number.</summary>
    public required string Layer { get; init; }

    /// <summary>Empty where attention begins from the residual stream as it is (OLMo 2).</summary>
    public string InputNorm { get; init; } = "";

    /// <summary>Norm of what attention adds; empty for none.</summary>
    public string AttentionNorm { get; init; } = "";

    /// <summary>Joint query, key and value map; empty where they are separate.</summary>
    public string Joined { get; init; } = "";
    public string Query { get; init; } = "";
    public string Key { get; init; } = "";
    public string Value { get; init; } = "";
    public required string Output { get; init; }

    /// <summary>Prefix that turns the names of self-attention into those of attention to the encoder, and the norm before it.</summary>
    public (string From, string To, string Norm)? Cross { get; init; }
    public string InnerNorm { get; init; } = "";

    /// <summary>Norm of what the feed-forward part adds; empty for none.</summary>
    public string FeedForwardNorm { get; init; } = "";
    public string Gate { get; init; } = "";
    public required string Up { get; init; }
    public required string Down { get; init; }

    /// <summary>Null for families without experts.</summary>
    public ExpertNames? Experts { get; init; }

    /// <summary>Empty where the last layer ends with its own norm.</summary>
    public string FinalNorm { get; init; } = "";
    public string Head { get; init; } = "lm_head";
    public string RelativeBias { get; init; } = "";

    /// <summary>BERT's layer over the first token.</summary>
    public string Pooler { get; init; } = "";

    public string LayerPrefix(int layer) => string.Format(CultureInfo.InvariantCulture, Layer, layer);

    /// <summary>The same layer's attention to the encoder.</summary>
    public ModelNames ToCross()
    {
        var (from, to, _) = Cross!.Value;
        string Name(string name) => name.Replace(from, to, StringComparison.Ordinal);
        return this with { Query = Name(Query), Key = Name(Key), Value = Name(Value), Output = Name(Output) };
    }

    public static ModelNames Of(ModelConfig config) =>
        config.Type switch
        {
            "gpt2" => s_gpt2,
            "gpt_neox" => s_gptNeoX,
            "bert" => Bert("bert"),
            "roberta" or "xlm-roberta" => Bert("roberta"),
            "electra" => Bert("electra") with { EmbeddingMap = "electra.embeddings_project" },
            "distilbert" => s_distilBert,
            "mpnet" => s_mpNet,
            "modernbert" => s_modernBert,
            "t5" => T5Encoder(config),
            "gemma2" or "gemma3_text" => s_gemma2,
            "olmo2" => s_olmo2,
            "phi3" => s_phi3,
            "mixtral" => s_llama with { Experts = new("block_sparse_moe.gate", "block_sparse_moe.experts.", "w1", "w3", "w2") },
            "qwen3_moe" => s_llama with { Experts = new("mlp.gate", "mlp.experts.", "gate_proj", "up_proj", "down_proj") },
            "gpt_oss" => s_llama with { Experts = new("mlp.router", "mlp.experts.", "", "gate_up_proj", "down_proj") },
            _ => s_llama,
        };

    private static readonly ModelNames s_llama = new()
    {
        Embedding = "model.embed_tokens",
        Layer = "model.layers.{0}.",
        InputNorm = "input_layernorm",
        Query = "self_attn.q_proj",
        Key = "self_attn.k_proj",
        Value = "self_attn.v_proj",
        Output = "self_attn.o_proj",
        InnerNorm = "post_attention_layernorm",
        Gate = "mlp.gate_proj",
        Up = "mlp.up_proj",
        Down = "mlp.down_proj",
        FinalNorm = "model.norm",
    };

    private static readonly ModelNames s_gemma2 = s_llama with
    {
        AttentionNorm = "post_attention_layernorm",
        InnerNorm = "pre_feedforward_layernorm",
        FeedForwardNorm = "post_feedforward_layernorm",
    };

    private static readonly ModelNames s_olmo2 = s_llama with
    {
        InputNorm = "",
        AttentionNorm = "post_attention_layernorm",
        InnerNorm = "",
        FeedForwardNorm = "post_feedforward_layernorm",
    };

    private static readonly ModelNames s_phi3 = s_llama with { Joined = "self_attn.qkv_proj", Up = "mlp.gate_up_proj" };

    private static readonly ModelNames s_gpt2 = new()
    {
        Embedding = "transformer.wte",
        Positions = "transformer.wpe",
        Layer = "transformer.h.{0}.",
        InputNorm = "ln_1",
        Joined = "attn.c_attn",
        Output = "attn.c_proj",
        InnerNorm = "ln_2",
        Up = "mlp.c_fc",
        Down = "mlp.c_proj",
        FinalNorm = "transformer.ln_f",
    };

    private static readonly ModelNames s_gptNeoX = new()
    {
        Embedding = "gpt_neox.embed_in",
        Layer = "gpt_neox.layers.{0}.",
        InputNorm = "input_layernorm",
        Joined = "attention.query_key_value",
        Output = "attention.dense",
        InnerNorm = "post_attention_layernorm",
        Up = "mlp.dense_h_to_4h",
        Down = "mlp.dense_4h_to_h",
        FinalNorm = "gpt_neox.final_layer_norm",
        Head = "embed_out",
    };

    private static ModelNames Bert(string model) =>
        new()
        {
            Embedding = model + ".embeddings.word_embeddings",
            Positions = model + ".embeddings.position_embeddings",
            TokenTypes = model + ".embeddings.token_type_embeddings",
            EmbeddingNorm = model + ".embeddings.LayerNorm",
            Layer = model + ".encoder.layer.{0}.",
            InputNorm = "attention.output.LayerNorm",
            Query = "attention.self.query",
            Key = "attention.self.key",
            Value = "attention.self.value",
            Output = "attention.output.dense",
            InnerNorm = "output.LayerNorm",
            Up = "intermediate.dense",
            Down = "output.dense",
            Pooler = model + ".pooler.dense",
        };

    private static readonly ModelNames s_mpNet = Bert("mpnet") with
    {
        InputNorm = "attention.LayerNorm",
        Query = "attention.attn.q",
        Key = "attention.attn.k",
        Value = "attention.attn.v",
        Output = "attention.attn.o",
        RelativeBias = "mpnet.encoder.relative_attention_bias",
    };

    private static readonly ModelNames s_distilBert = Bert("distilbert") with
    {
        Layer = "distilbert.transformer.layer.{0}.",
        InputNorm = "sa_layer_norm",
        Query = "attention.q_lin",
        Key = "attention.k_lin",
        Value = "attention.v_lin",
        Output = "attention.out_lin",
        InnerNorm = "output_layer_norm",
        Up = "ffn.lin1",
        Down = "ffn.lin2",
    };

    private static readonly ModelNames s_modernBert = new()
    {
        Embedding = "model.embeddings.tok_embeddings",
        EmbeddingNorm = "model.embeddings.norm",
        Layer = "model.layers.{0}.",
        InputNorm = "attn_norm",
        Joined = "attn.Wqkv",
        Output = "attn.Wo",
        InnerNorm = "mlp_norm",
        Up = "mlp.Wi",
        Down = "mlp.Wo",
        FinalNorm = "model.final_norm",
    };

    public static ModelNames T5Encoder(ModelConfig config) => T5("encoder", config, feedForward: 1);

    public static ModelNames T5Decoder(ModelConfig config) =>
        T5("decoder", config, feedForward: 2) with
        {
            Cross = ("layer.0.SelfAttention", "layer.1.EncDecAttention", "layer.1.layer_norm"),
        };

    private static ModelNames T5(string stack, ModelConfig config, int feedForward) =>
        new()
        {
            Embedding = "shared",
            Layer = stack + ".block.{0}.",
            InputNorm = "layer.0.layer_norm",
            Query = "layer.0.SelfAttention.q",
            Key = "layer.0.SelfAttention.k",
            Value = "layer.0.SelfAttention.v",
            Output = "layer.0.SelfAttention.o",
            RelativeBias = stack + ".block.0.layer.0.SelfAttention.relative_attention_bias",
            InnerNorm = $"layer.{feedForward}.layer_norm",
            Gate = $"layer.{feedForward}.DenseReluDense.wi_0",
            Up = $"layer.{feedForward}.DenseReluDense." + (config.Gated ? "wi_1" : "wi"),
            Down = $"layer.{feedForward}.DenseReluDense.wo",
            FinalNorm = stack + ".final_layer_norm",
        };
}

/// <summary>What a layer calls its experts' parts, each without <c>.weight</c>.</summary>
/// <param name="Router">Chooses the experts.</param>
/// <param name="Prefix">Before an expert's number, or before the names of the tensors that hold all of them.</param>
/// <param name="Gate">Empty where gate and up are one.</param>
/// <param name="Up">The map to the inner width.</param>
/// <param name="Down">The map back.</param>
internal sealed record ExpertNames(string Router, string Prefix, string Gate, string Up, string Down)
{
    public string PrefixOf(int expert) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{expert}.");
}
