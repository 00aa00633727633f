using System.Text.Json;

namespace WebTrainer.Portal.Features.Deployments.OpenAi;

/// <summary>
/// Fields of a request that are not supported. Clients send many with the value that changes nothing, and that is let pass; any other value
/// is refused by name, for an answer that leaves out what was asked would be wrong without a word.
/// </summary>
public static class OtherFields
{
    /// <summary>Labels for the sender's own use: they change no answer anywhere.</summary>
    private static readonly HashSet<string> s_labels =
    [
        "user",
        "safety_identifier",
        "prompt_cache_key",
        "prompt_cache_retention",
        "metadata",
        "request_id",
        "priority",
        "service_tier",
    ];

    /// <summary>
    /// Known fields of OpenAI's and vLLM's requests, with the value that asks for nothing, as JSON; beside null, which never does.
    /// </summary>
    private static readonly Dictionary<string, string[]> s_nothing = new(StringComparer.Ordinal)
    {
        ["best_of"] = ["1"],
        ["suffix"] = ["\"\""],
        ["tool_choice"] = ["\"none\"", "\"auto\""],
        ["functions"] = ["[]"],
        ["function_call"] = ["\"none\"", "\"auto\""],
        ["parallel_tool_calls"] = ["true", "false"],
        ["store"] = ["false"],
        ["verbosity"] = ["\"medium\""],
        ["truncation"] = ["\"disabled\""],
        ["include"] = ["[]"],
        ["background"] = ["false"],
        ["previous_response_id"] = [],
        ["conversation"] = [],
        ["prompt"] = [],
        ["reasoning"] = [],
        ["modalities"] = ["[\"text\"]"],
        ["audio"] = [],
        ["annotations"] = ["[]"],
        ["refusal"] = ["\"\""],
        ["stop_token_ids"] = ["[]"],
        ["ignore_eos"] = ["false"],
        ["min_tokens"] = ["0"],
        ["skip_special_tokens"] = ["true"],
        ["spaces_between_special_tokens"] = ["true"],
        ["include_stop_str_in_output"] = ["false"],
        ["use_beam_search"] = ["false"],
        ["length_penalty"] = ["1", "1.0"],
        ["add_generation_prompt"] = ["true"],
        ["continue_final_message"] = ["false"],
        ["add_special_tokens"] = ["true", "false"],
        ["include_obfuscation"] = ["true", "false"],
        ["include_usage"] = ["true", "false"],
        ["continuous_usage_stats"] = ["false"],
    };

    /// <param name="where">Before the field's name, where it is not of the request itself: <c>messages[2].</c></param>
    /// <exception cref="OpenAiException">A field asks for what is not done here.</exception>
    public static void Refuse(IDictionary<string, JsonElement>? fields, string where = "")
    {
        foreach (var (name, value) in fields ?? new Dictionary<string, JsonElement>())
        {
            if (
                value.ValueKind == JsonValueKind.Null
                || s_labels.Contains(name)
                || (s_nothing.TryGetValue(name, out var nothing) && nothing.Contains(Compact(value)))
            )
            {
                continue;
            }

            throw OpenAiException.Bad(
                where + name,
                nothing is null
                    ? $"'{where}{name}' is not known here. Leave it out: it would change nothing."
                    : $"'{where}{name}' is not supported{(nothing is [var only, ..] ? $" but for {only}" : "")}. Leave it out."
            );
        }
    }

    private static string Compact(JsonElement value) => JsonSerializer.Serialize(value);
}
