namespace WebTrainer.Protocol.Settings;

/// <summary>Which settings of a classifier go together.</summary>
public static class ClassifierRules
{
    /// <returns>Why they don't, in a sentence; null where they do.</returns>
    public static string? WhyNot(ClassifierSpec classifier, ObjectiveSpec objective, MethodSpec method, TrainingSettings training) =>
        classifier switch
        {
            _ when objective.Kind != ObjectiveKind.Answers => "An encoder learns labels: set “Learns from” to answers.",
            _ when training.Packing => "An encoder reads a text a sequence: turn packing off.",
            _ when method.Method == TuningMethod.Head && training.PromptDropout > 0 =>
                "The head alone learns from vectors that are computed once: set the prompt dropout to 0.",
            { LabelSmoothing: > 0, Kind: ClassificationKind.Number } => "Label smoothing is for labels, not for numbers: set it to 0.",
            { ClassWeights: not ClassWeighting.None, Kind: ClassificationKind.Number } =>
                "Numbers have no classes to weigh: set the class weights to none.",
            { Kind: ClassificationKind.SeveralLabels, Separator.Length: not (>= 1 and <= 10) } =>
                "Say in 1 to 10 characters what stands between the labels of a row.",
            _ => null,
        };
}
