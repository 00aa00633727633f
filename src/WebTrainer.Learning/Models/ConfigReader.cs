using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Models;

/// <summary>
/// Reads a <c>config.json</c> and remembers what was asked for, so that a key which nobody asked for is known to be unknown:
/// a model that is not understood whole would compute something, only not what it was trained for.
/// </summary>
internal sealed class ConfigReader(JsonElement root)
{
    // What changes nothing in the numbers: names, versions, ids, training-time rates, defaults of text generation and of labels.
    private static readonly HashSet<string> s_harmless =
    [
        "_name_or_path", "_commit_hash", "_attn_implementation_autoset", "architectures", "model_type", "torch_dtype", "dtype", "transformers_version", "use_cache",
        "bos_token_id", "eos_token_id", "pad_token_id", "sep_token_id", "cls_token_id", "unk_token_id", "decoder_start_token_id", "is_encoder_decoder", "is_decoder",
        "initializer_range", "initializer_factor", "pretraining_tp", "attention_dropout", "hidden_dropout", "classifier_dropout", "classifier_dropout_prob",
        "attn_pdrop", "embd_pdrop", "resid_pdrop", "attention_probs_dropout_prob", "hidden_dropout_prob", "dropout_rate", "gradient_checkpointing",
        "dropout", "qa_dropout", "seq_classif_dropout", "embedding_dropout", "mlp_dropout", "summary_last_dropout", "initializer_cutoff_factor",
        "output_past", "output_attentions", "output_hidden_states", "return_dict", "torchscript", "task_specific_params", "finetuning_task", "problem_type",
        "id2label", "label2id", "num_labels", "classifier_pooling", HeadConfig.KindKey, "summary_type", "summary_use_proj", "summary_activation", "summary_first_dropout", "summary_proj_to_labels",
        "max_length", "min_length", "do_sample", "num_beams", "temperature", "top_k", "top_p", "directionality", "pooler_fc_size", "pooler_num_attention_heads",
        "pooler_num_fc_layers", "pooler_size_per_head", "pooler_type", "n_ctx", "unsloth_version", "prefix", "vocab_file", "language",
        "tokenizer_class", "chunk_size_feed_forward", "sentence_transformers", "sbert_ce_default_activation_function",
    ];

    private readonly HashSet<string> _asked = [];

    public JsonElement Root => root;

    public int Int(string name) => Find(name)?.GetInt32() ?? throw new ModelFileException($"config.json lacks {name}.");

    public int? OptionalInt(string name) => Find(name)?.GetInt32();

    public double Number(string name, double absent) => Find(name)?.GetDouble() ?? absent;

    public bool Flag(string name, bool absent) => Find(name)?.GetBoolean() ?? absent;

    public string? Text(string name) => Find(name)?.GetString();

    public JsonElement? Find(string name)
    {
        _asked.Add(name);
        return ModelConfig.Optional(root, name);
    }

    /// <summary>Keys that change nothing in the numbers of this family.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            _asked.Add(name);
        }
    }

    /// <summary>Refuses a switch that is set otherwise than this code can run.</summary>
    public void Expect(string name, bool value)
    {
        if (Flag(name, value) != value)
        {
            throw new ModelFileException($"config.json sets {name} to {(value ? "false" : "true")}, which is not known here.");
        }
    }

    public void RefuseUnknown()
    {
        if (root.TryGetProperty("auto_map", out _) || root.TryGetProperty("trust_remote_code", out _))
        {
            throw new ModelFileException("config.json asks for code of its own (auto_map); no code from model folders is run.");
        }

        if (ModelConfig.Optional(root, "quantization_config") is { } packed)
        {
            var method = ModelConfig.Optional(packed, "quant_method")?.GetString() ?? "unnamed";
            throw new ModelFileException($"The weights are packed by '{method}' (quantization_config), which is not read here; take the model's unpacked weights (float16, bfloat16 or float32), which can be packed in 4 or 8 bits here.");
        }

        foreach (var property in root.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null && !_asked.Contains(property.Name) && !s_harmless.Contains(property.Name))
            {
                throw new ModelFileException($"config.json has the key '{property.Name}', which is not known for this architecture.");
            }
        }
    }
}
