using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using WebTrainer.Domain;
using WebTrainer.Protocol;

namespace WebTrainer.Models;

/// <summary>What an adapter's files tell of its base without any model being loaded.</summary>
/// <param name="BaseName">What it was trained on, as PEFT noted it (<c>base_model_name_or_path</c>): a name on the hub, or a path of
/// somebody's machine. Null where nothing is noted.</param>
/// <param name="Layers">Layers that its base has at least; 0 where no name tells.</param>
/// <param name="Width">Hidden width of its base; 0 where no weight tells.</param>
public sealed partial record AdapterFacts(string? BaseName, int Layers, long Width)
{
    private const long MaximumConfigBytes = 1L << 20;

    /// <summary>Maps whose input is as wide as the model, by the names of the families.</summary>
    private static readonly string[] s_readsStates =
    [
        "q_proj",
        "k_proj",
        "v_proj",
        "qkv_proj",
        "query_key_value",
        "c_attn",
        "q",
        "gate_proj",
        "up_proj",
        "gate_up_proj",
        "c_fc",
        "dense_h_to_4h",
        "wi",
        "wi_0",
        "lm_head",
    ];

    /// <exception cref="RuleViolationException">The folder's files can't be read; the message says which.</exception>
    public static AdapterFacts Read(string folder)
    {
        try
        {
            var config = Path.Combine(folder, PeftFiles.Config);
            ModelFileException.ThrowIfTooLarge(config, MaximumConfigBytes);
            using var document = JsonDocument.Parse(File.ReadAllBytes(config), new JsonDocumentOptions { MaxDepth = 16 });
            var places = SafetensorsTable.Read(Path.Combine(folder, PeftFiles.Weights)).Places.Values;
            return new(
                document.RootElement.TryGetProperty("base_model_name_or_path", out var name) && name.ValueKind == JsonValueKind.String
                    ? name.GetString()
                    : null,
                places.Select(place => Layer().Match(place.Name)).Where(match => match.Success).Select(NumberOf).DefaultIfEmpty(-1).Max()
                    + 1,
                places.Select(WidthOf).FirstOrDefault(width => width > 0)
            );
        }
        catch (ModelFileException wrong)
        {
            throw new RuleViolationException($"The adapter's files can't be read: {wrong.Message}");
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            throw new RuleViolationException($"{PeftFiles.Config} can't be read: {wrong.Message}");
        }
    }

    /// <summary>The models that this may be an adapter of, the likeliest first: by the noted name, else by the shapes.</summary>
    public IReadOnlyList<BaseModel> BasesAmong(IReadOnlyList<BaseModel> models)
    {
        var named = models.Where(IsNoted).ToList();
        return named.Count > 0
            ? named
            :
            [
                .. models
                    .Where(model => Width > 0 && Layers > 0 && model.Width == Width && model.Layers >= Layers)
                    .OrderBy(model => model.Layers),
            ];
    }

    private bool IsNoted(BaseModel model)
    {
        var name = BaseName?.TrimEnd('/');
        return name is { Length: > 0 }
            && (
                string.Equals(model.HubName, name, StringComparison.OrdinalIgnoreCase)
                || string.Equals(model.Id, name[(name.LastIndexOf('/') + 1)..], StringComparison.OrdinalIgnoreCase)
            );
    }

    /// <summary>Columns of A are its map's input.</summary>
    private static long WidthOf(SafetensorsPlace place) =>
        FactorA().Match(place.Name) is { Success: true } match
        && s_readsStates.Contains(match.Groups["map"].Value)
        && place.Shape.Length == 2
            ? place.Shape[1]
            : 0;

    private static int NumberOf(Match match) =>
        int.TryParse(match.Groups["layer"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    [GeneratedRegex(@"\.(layers|h|block)\.(?<layer>[0-9]{1,4})\.", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Layer();

    [GeneratedRegex(@"\.(?<map>[a-z0-9_]+)\.lora_A(\.weight)?$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex FactorA();
}
