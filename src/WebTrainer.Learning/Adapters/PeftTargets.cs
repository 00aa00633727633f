using System.Buffers;
using System.Text.Json;
using System.Text.RegularExpressions;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Adapters;

/// <summary>The maps that an <c>adapter_config.json</c> means by names, patterns, layers and exceptions, as PEFT finds them.</summary>
internal static class PeftTargets
{
    private static readonly SearchValues<char> s_patternSigns = SearchValues.Create(@"\^$*+?()[]{}|");
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(2);

    /// <returns>The same where names alone say it, else with the whole names of the maps.</returns>
    /// <exception cref="ModelFileException">A pattern can't be read, or names nothing.</exception>
    public static LoraConfig Resolve(LoraConfig config, JsonElement root, ITunable model)
    {
        var byPattern =
            root.GetProperty("target_modules").ValueKind == JsonValueKind.String && config.Targets is not [LoraConfig.AllLinear];
        var (excluded, layers) = (Exclusion(root), Layers(root));
        if (!byPattern && excluded is null && layers is null)
        {
            return WithPatterns(config, model);
        }

        var named = byPattern
            ? [.. model.Projections.Where(projection => Whole(config.Targets[0]).IsMatch(projection.Name))]
            : config.Select(model);
        List<string> names =
        [
            .. named.Select(projection => projection.Name).Where(name => excluded?.Invoke(name) != true && layers?.Invoke(name) != false),
        ];
        return names.Count == 0 && config.Parameters.Count == 0
            ? throw new ModelFileException("The adapter's targets name no part of the model.")
            : WithPatterns(config with { Targets = names }, model);
    }

    /// <summary>Keys of ranks and alphas are patterns too; where one is more than a name, each map gets what is meant for it.</summary>
    private static LoraConfig WithPatterns(LoraConfig config, ITunable model)
    {
        if (!config.Ranks.Keys.Concat(config.Alphas.Keys).Any(key => key.AsSpan().ContainsAny(s_patternSigns)))
        {
            return config;
        }

        var names = config.Select(model).Select(projection => projection.Name).ToList();
        return config with { Ranks = ByName(config.Ranks, names), Alphas = ByName(config.Alphas, names) };
    }

    private static Dictionary<string, T> ByName<T>(IReadOnlyDictionary<string, T> patterns, List<string> names)
    {
        var found = new Dictionary<string, T>();
        foreach (var (pattern, value) in patterns.Select(entry => (Whole($@"(.*\.)?({entry.Key})"), entry.Value)))
        {
            foreach (var name in names.Where(name => pattern.IsMatch(name)))
            {
                found.TryAdd(name, value);
            }
        }

        return found;
    }

    private static Func<string, bool>? Exclusion(JsonElement root)
    {
        if (ModelConfig.Optional(root, "exclude_modules") is not { } value || ConfigKeys.IsOff(value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return Whole(value.GetString()!).IsMatch;
        }

        List<string> ends = [.. value.EnumerateArray().Select(name => name.GetString()!)];
        return name => ends.Exists(end => name == end || name.EndsWith("." + end, StringComparison.Ordinal));
    }

    private static Func<string, bool>? Layers(JsonElement root)
    {
        if (
            ModelConfig.Optional(root, "layers_to_transform") is not { } value
            || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0)
        )
        {
            return null;
        }

        HashSet<int> numbers =
            value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(number => number.GetInt32())] : [value.GetInt32()];
        List<Regex> patterns = [.. LayerLists(root).Select(list => Compile($@"^.*\.{list}\.(?<layer>\d+)\."))];
        return name =>
            patterns.Select(pattern => pattern.Match(name)).FirstOrDefault(match => match.Success) is { } found
            && numbers.Contains(int.Parse(found.Groups["layer"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>What a list of layers is called; any name where nothing is said.</summary>
    private static IEnumerable<string> LayerLists(JsonElement root) =>
        ModelConfig.Optional(root, "layers_pattern") is not { } value || ConfigKeys.IsOff(value) ? ["[^.]*"]
        : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(name => name.GetString()!)
        : [value.GetString()!];

    private static Regex Whole(string pattern) => Compile($"^(?:{pattern})$");

    private static Regex Compile(string pattern)
    {
        try
        {
            return new(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, s_timeout);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new ModelFileException($"A pattern of the adapter can't be read: {exception.Message}", exception);
        }
    }
}
