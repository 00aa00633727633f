using System.Text.Json;

namespace WebTrainer.Learning.Models;

/// <summary>Keys of <c>config.json</c> that change nothing in what a model computes, whatever its family.</summary>
internal static class ConfigKeys
{
    /// <summary>Names, versions, ids, training-time rates, defaults of text generation and of labels, and notes of programs.</summary>
    private static readonly HashSet<string> s_ofTools =
    [
        "architectures",
        "model_type",
        "torch_dtype",
        "dtype",
        "transformers_version",
        "use_cache",
        "name_or_path",
        "trust_remote_code",
        "bos_token_id",
        "eos_token_id",
        "pad_token_id",
        "sep_token_id",
        "cls_token_id",
        "unk_token_id",
        "mask_token_id",
        "decoder_start_token_id",
        "is_encoder_decoder",
        "is_decoder",
        "initializer_range",
        "initializer_factor",
        "pretraining_tp",
        "attention_dropout",
        "hidden_dropout",
        "classifier_dropout",
        "classifier_dropout_prob",
        "attn_pdrop",
        "embd_pdrop",
        "resid_pdrop",
        "attention_probs_dropout_prob",
        "hidden_dropout_prob",
        "dropout_rate",
        "gradient_checkpointing",
        "dropout",
        "qa_dropout",
        "seq_classif_dropout",
        "embedding_dropout",
        "mlp_dropout",
        "summary_last_dropout",
        "initializer_cutoff_factor",
        "output_past",
        "output_attentions",
        "output_hidden_states",
        "return_dict",
        "torchscript",
        "task_specific_params",
        "finetuning_task",
        "problem_type",
        "id2label",
        "label2id",
        "num_labels",
        "classifier_pooling",
        HeadConfig.KindKey,
        "summary_type",
        "summary_use_proj",
        "summary_activation",
        "summary_first_dropout",
        "summary_proj_to_labels",
        "max_length",
        "min_length",
        "do_sample",
        "early_stopping",
        "num_beams",
        "num_beam_groups",
        "diversity_penalty",
        "temperature",
        "top_k",
        "top_p",
        "typical_p",
        "repetition_penalty",
        "length_penalty",
        "no_repeat_ngram_size",
        "encoder_no_repeat_ngram_size",
        "bad_words_ids",
        "num_return_sequences",
        "output_scores",
        "return_dict_in_generate",
        "forced_bos_token_id",
        "forced_eos_token_id",
        "remove_invalid_values",
        "exponential_decay_length_penalty",
        "suppress_tokens",
        "begin_suppress_tokens",
        "max_new_tokens",
        "directionality",
        "pooler_fc_size",
        "pooler_num_attention_heads",
        "pooler_num_fc_layers",
        "pooler_size_per_head",
        "pooler_type",
        "n_ctx",
        "prefix",
        "vocab_file",
        "language",
        "tokenizer_class",
        "tokenizer_type",
        "chunk_size_feed_forward",
        "sentence_transformers",
        "sbert_ce_default_activation_function",
        "tf_legacy_loss",
        "use_bfloat16",
        "max_sequence_length",
        "seq_length",
        "model_max_length",
        "is_llama_config",
        "license",
        "attn_implementation",
    ];

    /// <summary>Private notes of the library, and of programs that put their name first.</summary>
    private static readonly string[] s_prefixes = ["_", "unsloth_", "transformers.js", "transformers_js"];

    public static bool IsOfTools(string name) =>
        s_ofTools.Contains(name) || s_prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>What says that something isn't there: nothing, false, zero, or an empty text, list or object.</summary>
    public static bool IsOff(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Null or JsonValueKind.False => true,
            JsonValueKind.Number => value.GetDouble() == 0,
            JsonValueKind.String => value.GetString()!.Length == 0,
            JsonValueKind.Array => value.GetArrayLength() == 0,
            JsonValueKind.Object => !value.EnumerateObject().Any(),
            _ => false,
        };

    /// <summary>
    /// Whether all classes that a file names code for are called as the library's own of the family: <c>modeling_phi3.Phi3ForCausalLM</c>
    /// of phi3.
    /// </summary>
    public static bool NamesOwnClasses(JsonElement map, string family)
    {
        var name = family.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        return map.ValueKind == JsonValueKind.Object
            && map.EnumerateObject()
                .All(entry =>
                    entry.Value.ValueKind == JsonValueKind.String
                    && entry.Value.GetString()!.Split('.')[^1].StartsWith(name, StringComparison.OrdinalIgnoreCase)
                );
    }
}
