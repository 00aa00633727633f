using System.Text.Json;
using System.Text.Json.Serialization;
using WebTrainer.Domain;
using WebTrainer.Portal.Features.Deployments.OpenAi;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments.Versions;

/// <summary>What people choose of a version.</summary>
/// <param name="RunId">The run whose result answers; null for the base itself.</param>
/// <param name="BaseModel">Id of the base; only where there is no run.</param>
public sealed record VersionRequest(Guid? RunId = null, string? BaseModel = null)
{
    public const int MaxSystemLength = 20_000,
        MaxLabels = 1000;

    /// <summary>How the base's weights are kept.</summary>
    public WeightPrecision Precision { get; init; }

    /// <summary>Where a request says nothing: 0 for always the likeliest; null for 1, as the contract has it.</summary>
    public double? Temperature { get; init; }

    /// <summary>Where a request says nothing.</summary>
    public double? TopP { get; init; }

    /// <summary>New tokens at most, where a request says nothing.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Texts that end an answer, beside those of a request.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Stands before each conversation that brings no system text of its own; empty for none.</summary>
    public string System { get; init; } = "";

    /// <summary>The only answers there are; empty where the model answers freely.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <exception cref="RuleViolationException">A value is out of its bounds; the sentence names it.</exception>
    public void Check()
    {
        Demand((RunId is null) != (BaseModel is null), "Choose a run, or a base model: one of the two.");
        Demand(Temperature is null or (>= 0 and <= 2), "The temperature lies between 0 and 2.");
        Demand(TopP is null or (> 0 and <= 1), "top-p lies above 0 and is at most 1.");
        Demand(
            MaxTokens is null or (>= 1 and <= RequestReader.MaxTokensLimit),
            $"Answers have 1 to {RequestReader.MaxTokensLimit} tokens at most."
        );
        Demand(
            Stop.Count <= RequestReader.MaxStops && Stop.All(text => text.Length > 0),
            $"There are at most {RequestReader.MaxStops} texts that end an answer, and none of them is empty."
        );
        Demand(System.Length <= MaxSystemLength, $"The system text has at most {MaxSystemLength} characters.");
        Demand(
            Labels.Count <= MaxLabels
                && Labels.Distinct(StringComparer.Ordinal).Count() == Labels.Count
                && Labels.All(l => l.Trim().Length > 0),
            $"There are at most {MaxLabels} labels, each once and none empty."
        );
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new RuleViolationException(otherwise);
        }
    }
}

/// <summary>All that decides a version's answers: its text is what check and approval are bound to.</summary>
/// <param name="BaseModel">Id of the base's folder below the model root.</param>
/// <param name="BaseSha256">Of that folder, as <see cref="ModelHash"/> reckons it.</param>
/// <param name="RunNumber">The run whose result answers; null for the base itself.</param>
/// <param name="ResultSha256">Of the result's folder; null for the base itself.</param>
/// <param name="Chosen">By people.</param>
public sealed record DeploymentSettings(string BaseModel, string BaseSha256, int? RunNumber, string? ResultSha256, VersionRequest Chosen)
{
    private static readonly JsonSerializerOptions s_json = new(ProtocolJson.Document)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public string ToText() => JsonSerializer.Serialize(this, s_json);

    /// <summary>The settings, if they are those of this hash and can be read; null otherwise.</summary>
    public static DeploymentSettings? TryRead(string text, string sha256) =>
        JobSpec.Hash(text) != sha256 ? null : Hosting.Stored.TryRead(() => JsonSerializer.Deserialize<DeploymentSettings>(text, s_json));

    /// <summary>In words, in the order in which people ask for them.</summary>
    public IReadOnlyList<(string Name, string Value)> Lines()
    {
        List<(string, string)> lines =
        [
            ("Model", RunNumber is { } run ? $"run {run} on {BaseModel}" : BaseModel),
            ("Weights", PrecisionWords(Chosen.Precision)),
            ("Temperature", Chosen.Temperature is { } t ? Words(t) : "as asked, 1 otherwise"),
            ("Top-p", Chosen.TopP is { } p ? Words(p) : "as asked"),
            ("Tokens at most", Chosen.MaxTokens?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "as asked"),
            ("Ends answers", Chosen.Stop.Count == 0 ? "the model's own end" : string.Join(", ", Chosen.Stop.Select(s => $"“{s}”"))),
            ("System text", Chosen.System.Length == 0 ? "none" : Chosen.System),
            (
                "Answers",
                Chosen.Labels.Count == 0
                    ? "free"
                    : $"one of {Chosen.Labels.Count}: {string.Join(", ", Chosen.Labels.Take(8))}{(Chosen.Labels.Count > 8 ? ", …" : "")}"
            ),
            ("Files of the base", BaseSha256[..12]),
        ];
        if (ResultSha256 is { } result)
        {
            lines.Add(("Files of the run", result[..12]));
        }

        return lines;
    }

    public static string PrecisionWords(WeightPrecision precision) =>
        precision switch
        {
            WeightPrecision.EightBits => "8 bits",
            WeightPrecision.FourBits => "4 bits",
            _ => "full",
        };

    private static string Words(double value) => value.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture);
}
