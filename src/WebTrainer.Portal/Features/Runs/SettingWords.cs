using System.Globalization;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>One setting of a run as it is shown and compared.</summary>
public sealed record Setting(string Name, string Value);

/// <summary>A spec's settings in the order in which people ask for them.</summary>
public static class SettingWords
{
    public static IReadOnlyList<Setting> Of(RunSpec spec)
    {
        var training = spec.Training;
        List<Setting> settings =
        [
            new("Base model", Path.GetFileName(spec.BaseModel)),
            new("Learns from", Words(spec.Objective)),
            new("Method", MethodChoice.Of(spec.Method.Method).Name),
        ];
        if (spec.Method.Method is not (TuningMethod.Full or TuningMethod.Head))
        {
            settings.Add(new("Rank", Text(spec.Method.Rank)));
            settings.Add(new("Alpha", Text(spec.Method.Alpha) + (spec.Method.RankStabilised ? ", rank-stabilised" : "")));
            settings.Add(new("Dropout", Text(spec.Method.Dropout)));
            settings.Add(new("Targets", string.Join(", ", spec.Method.Targets)));
        }

        if (spec.Classifier is { } classifier)
            settings.AddRange(ClassifierWords.Of(classifier));
        settings.AddRange(
        [
            new("Learning rate", Text(training.LearningRate)),
            new("Schedule", training.Schedule.ToString().ToLowerInvariant()),
            new("Warm-up", Text(training.WarmupShare)),
            new("Weight decay", Text(training.WeightDecay)),
            new("Epochs", Text(training.Epochs)),
            new("Most steps", training.MaxSteps is { } steps ? Text(steps) : "no limit"),
            new("Batch", $"{training.MicroBatch} × {training.Accumulation}"),
            new("Prompt dropout", Text(training.PromptDropout)),
            new("Context", $"{training.ContextTokens} tokens"),
            new("Packing", YesNo(training.Packing)),
            new("Gradient checkpointing", YesNo(training.GradientCheckpointing)),
            new("Early stopping", training.Patience > 0 ? $"after {training.Patience} validations without gain" : "no"),
            new("Seed", Text(spec.Seed)),
            new("Device", spec.Device),
            new("Training rows", Text(spec.Data?.Train?.Rows ?? 0)),
            new("Training data", (spec.Data?.Train?.Sha256 ?? "").PadRight(12)[..12]),
        ]);
        return settings;
    }

    private static string Words(ObjectiveSpec objective) => ObjectiveChoice.Of(objective.Kind).Name + objective.Kind switch
    {
        ObjectiveKind.Preferences => $", beta {Text(objective.Beta)}",
        ObjectiveKind.Distillation => $", {Path.GetFileName(objective.Teacher)} at temperature {Text(objective.Temperature)}, share {Text(objective.TeacherShare)}",
        _ => "",
    };

    private static string YesNo(bool value) => value ? "yes" : "no";

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
