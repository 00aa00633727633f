namespace WebTrainer.Protocol.Settings;

/// <summary>Which objectives, methods and settings go together.</summary>
public static class ObjectiveRules
{
    /// <summary>Whether each step asks the untouched base too.</summary>
    public static bool ComparesWithBase(ObjectiveSpec objective) =>
        objective.Kind == ObjectiveKind.Preferences && objective.Loss is not (PreferenceLoss.Orpo or PreferenceLoss.SimPo);

    /// <returns>Why they don't, in a sentence; null where they do.</returns>
    public static string? WhyNot(ObjectiveSpec objective, MethodSpec method, TrainingSettings training) =>
        objective.Kind switch
        {
            ObjectiveKind.Preferences when method.Method == TuningMethod.Full && ComparesWithBase(objective) =>
                $"{Words(objective.Loss)} compares with the untouched base, which full fine-tuning changes: choose an adapter method, or ORPO or SimPO.",
            ObjectiveKind.Preferences when method.Method == TuningMethod.AdaLoRA =>
                "Preference training with AdaLoRA is not supported: choose LoRA, DoRA or QLoRA.",
            ObjectiveKind.Preferences when objective.Loss == PreferenceLoss.Kto && training.MicroBatch * training.Accumulation < 2 =>
                "KTO measures how far the model has moved by other rows' answers of the same step: set the batch or the accumulation to at least 2.",
            ObjectiveKind.Preferences when training.Packing => "Packing is not for preference pairs: turn it off.",
            ObjectiveKind.Preferences when training.PromptDropout > 0 =>
                "Prompt dropout is not for preference pairs, whose prompts must be the same: set it to 0.",
            ObjectiveKind.Distillation when string.IsNullOrEmpty(objective.Teacher) =>
                "Distillation needs a teacher: choose a larger model.",
            _ => null,
        };

    private static string Words(PreferenceLoss loss) =>
        SettingTable.Of("preferenceLoss").Choices.Single(choice => choice.Value == loss.ToString()).Label;
}
