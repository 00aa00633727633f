using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Cleaning;

/// <summary>
/// What is done to the rows of a version, in order. As YAML it is the recipe's file: the same rows and recipe give the same result.
/// </summary>
public sealed record CleanRecipe
{
    private const int MaxSteps = 50;

    /// <summary>Rows that may be taken back by name; beyond that a step is better changed.</summary>
    public const int MaxKept = 10_000;

    /// <summary>At least one and at most 50, in the order in which they are applied: each sees what those before it left.</summary>
    public required IReadOnlyList<CleanStep> Steps { get; init; }

    /// <summary>Ids of rows that somebody took back: steps still change them, but none sets them aside.</summary>
    public IReadOnlyList<string> Keep { get; init; } = [];

    /// <param name="text">YAML or JSON.</param>
    /// <exception cref="DataProblemException">It is no recipe, or a setting of a step can't be.</exception>
    public static CleanRecipe Parse(string text)
    {
        var json = text.TrimStart().StartsWith('{') ? text : RecipeYaml.Read(text);
        try
        {
            var recipe =
                JsonSerializer.Deserialize<CleanRecipe>(json, ProtocolJson.Document)
                ?? throw new DataProblemException("The recipe is empty.");
            recipe.Check();
            return recipe;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new DataProblemException("This is no recipe that was exported here: " + e.Message, cause: e);
        }
    }

    /// <summary>The recipe as a file to keep: YAML, which <see cref="Parse"/> reads as well as JSON.</summary>
    public string ToYaml() => RecipeYaml.Write(ToJson());

    /// <summary>The recipe as indented JSON, as it is stored; <see cref="Parse"/> reads it back.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ProtocolJson.Document);

    /// <exception cref="DataProblemException">Names the step and the setting that can't be.</exception>
    public void Check()
    {
        if (Steps is null || Steps.Count is 0 or > MaxSteps || Steps.Contains(null!))
        {
            throw new DataProblemException($"A recipe has 1 to {MaxSteps} steps.");
        }

        if (Keep is null || Keep.Count > MaxKept)
        {
            throw new DataProblemException(
                $"At most {MaxKept:N0} rows can be taken back one by one. Change the step that sets them aside."
            );
        }

        foreach (var (i, step) in Steps.Index())
        {
            if (step.Fault() is { } fault)
            {
                throw new DataProblemException($"Step {i + 1}: {fault}");
            }
        }
    }
}
