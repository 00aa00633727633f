namespace WebTrainer.Protocol.Settings;

/// <summary>Which objectives, methods and settings go together.</summary>
public static class ObjectiveRules
{
    /// <returns>Why they don't, in a sentence; null where they do.</returns>
    public static string? WhyNot(ObjectiveSpec objective, MethodSpec method, TrainingSettings training) =>
        objective.Kind switch
        {
            ObjectiveKind.Preferences when method.Method == TuningMethod.Full =>
                "Preference training compares with the untouched base, which full fine-tuning changes: choose an adapter method.",
            ObjectiveKind.Preferences when method.Method == TuningMethod.AdaLoRA =>
                "Preference training with AdaLoRA is not supported: choose LoRA, DoRA or QLoRA.",
            ObjectiveKind.Preferences when training.Packing => "Packing is not for preference pairs: turn it off.",
            ObjectiveKind.Preferences when training.PromptDropout > 0 =>
                "Prompt dropout is not for preference pairs, whose prompts must be the same: set it to 0.",
            ObjectiveKind.Distillation when string.IsNullOrEmpty(objective.Teacher) =>
                "Distillation needs a teacher: choose a larger model.",
            _ => null,
        };
}
