using System.Text.Json;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Adapters;

/// <summary>
/// Keys of <c>adapter_config.json</c>: what isn't understood would compute something else than the adapter was trained for, so it is
/// refused by its name.
/// </summary>
internal static class PeftKeys
{
    /// <summary>Used here, or without meaning for what a finished adapter computes.</summary>
    private static readonly HashSet<string> s_known =
    [
        "peft_type",
        "peft_version",
        "task_type",
        "base_model_name_or_path",
        "revision",
        "auto_mapping",
        "inference_mode",
        "r",
        "init_r",
        "target_r",
        "lora_alpha",
        "lora_dropout",
        "target_modules",
        "bias",
        "fan_in_fan_out",
        "modules_to_save",
        "use_rslora",
        "use_dora",
        "rank_pattern",
        "alpha_pattern",
        "exclude_modules",
        "layers_to_transform",
        "layers_pattern",
        "init_lora_weights",
        "megatron_core",
        "qalora_group_size",
        "runtime_config",
        "ensure_weight_tying",
        "tinit",
        "tfinal",
        "deltaT",
        "beta1",
        "beta2",
        "orth_reg_weight",
        "total_step",
        "target_parameters",
        "corda_config",
        "eva_config",
    ];

    /// <summary>Ways to begin that leave the base as it is; the others take a part out of it, which an adapter alone can't tell.</summary>
    private static readonly string[] s_beginsOnTheBase = ["gaussian", "eva", "orthogonal"];

    /// <exception cref="ModelFileException">A key is set that is not understood.</exception>
    public static void RefuseUnknown(JsonElement root)
    {
        if (
            ModelConfig.Optional(root, "init_lora_weights") is { ValueKind: JsonValueKind.String } way
            && !s_beginsOnTheBase.Contains(way.GetString())
        )
        {
            throw new ModelFileException(
                $"The adapter was begun by '{way.GetString()}' (init_lora_weights), which changed the base too; let PEFT convert it to a plain LoRA (path_initial_model_for_weight_conversion) and take that."
            );
        }

        foreach (var property in root.EnumerateObject())
        {
            if (!s_known.Contains(property.Name) && !ConfigKeys.IsOff(property.Value))
            {
                throw new ModelFileException($"The adapter uses {property.Name}, which can't be read here.");
            }
        }
    }
}
