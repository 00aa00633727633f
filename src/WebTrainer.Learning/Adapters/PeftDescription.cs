using System.Text.Json.Nodes;
using WebTrainer.Learning.Training;

namespace WebTrainer.Learning.Adapters;

/// <summary>
/// What <c>adapter_config.json</c> says of an adapter: the keys that PEFT's own class of the method has (0.20), and no others, since PEFT
/// warns of those.
/// </summary>
internal static class PeftDescription
{
    /// <summary>AdaLoRA has no use for <c>r</c>, and PEFT warns where it is not LoRA's default.</summary>
    private const int UnusedRank = 8;

    public static JsonObject Of(LoraAdapter adapter, string baseName)
    {
        var config = adapter.Config.AsSaved;
        var root = Common(adapter, config, baseName);
        foreach (var (key, value) in config.Adaptive ? Adaptive(config, adapter.Budget ?? AdaLoraBudget.Untrained) : Plain(config))
        {
            root[key] = value;
        }

        return root;
    }

    private static JsonObject Common(LoraAdapter adapter, LoraConfig config, string baseName) =>
        new()
        {
            ["peft_type"] = config.Adaptive ? "ADALORA" : "LORA",
            ["task_type"] = adapter.Task,
            ["base_model_name_or_path"] = baseName,
            ["lora_alpha"] = config.Alpha,
            ["lora_dropout"] = config.Dropout,
            ["target_modules"] = config.Targets is [LoraConfig.AllLinear] ? LoraConfig.AllLinear : ListOf(config.Targets),
            ["bias"] = "none",
            ["fan_in_fan_out"] = false, // PEFT corrects this by itself for the maps of GPT-2
            ["inference_mode"] = true,
            ["init_lora_weights"] = true,
            ["modules_to_save"] = Whole(adapter) is { Count: > 0 } whole ? ListOf(whole) : null,
            ["use_rslora"] = config.RankStabilised,
            ["use_dora"] = config.WeightDecomposed,
            ["alpha_pattern"] = PatternOf(config.Alphas),
        };

    private static Dictionary<string, JsonNode?> Plain(LoraConfig config) =>
        config.Parameters.Count == 0
            ? new() { ["r"] = config.Rank, ["rank_pattern"] = PatternOf(config.Ranks) }
            : new()
            {
                ["r"] = config.Rank,
                ["rank_pattern"] = PatternOf(config.Ranks),
                ["target_parameters"] = ListOf(config.Parameters),
            };

    /// <summary>The course that the adapter was trained by; PEFT refuses AdaLoRA without its length.</summary>
    private static Dictionary<string, JsonNode?> Adaptive(LoraConfig config, AdaLoraBudget budget) =>
        new()
        {
            ["r"] = UnusedRank,
            ["init_r"] = config.Rank,
            ["target_r"] = config.TargetRank,
            ["tinit"] = budget.Warmup,
            ["tfinal"] = budget.TotalSteps - budget.Final,
            ["deltaT"] = budget.Interval,
            ["beta1"] = AdaLoraOptimizer.Smoothing,
            ["beta2"] = AdaLoraOptimizer.Smoothing,
            ["orth_reg_weight"] = AdaLoraOptimizer.Orthogonality,
            ["total_step"] = budget.TotalSteps,
            // All singular values are in the file, those that went as zeros: PEFT has no ranks to cut.
            ["rank_pattern"] = null,
        };

    private static List<string> Whole(LoraAdapter adapter) =>
        [.. adapter.Config.Whole, .. adapter.Head.Keys.Select(PeftFolder.ModuleOf).Distinct(StringComparer.Ordinal)];

    private static JsonArray ListOf(IEnumerable<string> names) => [.. names.Select(name => JsonValue.Create(name))];

    private static JsonObject PatternOf<T>(IReadOnlyDictionary<string, T> pattern) =>
        new(pattern.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)JsonValue.Create(pair.Value))));
}
