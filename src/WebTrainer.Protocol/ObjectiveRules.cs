namespace WebTrainer.Protocol;

/// <summary>Which objectives, methods and settings go together; the form asks it as the worker does.</summary>
public static class ObjectiveRules
{
    /// <returns>Why they don't, in a sentence; null where they do.</returns>
    public static string? WhyNot(ObjectiveSpec objective, MethodSpec method, TrainingSettings training) => objective.Kind switch
    {
        ObjectiveKind.Preferences when method.Method == TuningMethod.Full => "Preference training compares with the untouched base, which full fine-tuning changes: choose an adapter method.",
        ObjectiveKind.Preferences when method.Method == TuningMethod.AdaLoRA => "Preference training with AdaLoRA is not supported: choose LoRA, DoRA or QLoRA.",
        ObjectiveKind.Preferences when training.Packing => "Packing is not for preference pairs: turn it off.",
        ObjectiveKind.Preferences when training.PromptDropout > 0 => "Prompt dropout is not for preference pairs, whose prompts must be the same: set it to 0.",
        ObjectiveKind.Preferences when objective.Beta is not (> 0 and <= 10) => "Beta must lie above 0 and at most at 10.",
        ObjectiveKind.Distillation when string.IsNullOrEmpty(objective.Teacher) => "Distillation needs a teacher: choose a larger model.",
        ObjectiveKind.Distillation when objective.Temperature is not (> 0 and <= 100) => "The teacher's temperature must lie above 0 and at most at 100.",
        ObjectiveKind.Distillation when objective.TeacherShare is not (>= 0 and <= 1) => "The teacher's share must lie between 0 and 1.",
        _ => null,
    };
}
