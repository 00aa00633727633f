namespace WebTrainer.Protocol.Settings;

/// <summary>Which settings of a method go together.</summary>
public static class MethodRules
{
    /// <returns>Why they don't, in a sentence; null where they do.</returns>
    public static string? WhyNot(MethodSpec method) =>
        method switch
        {
            { Method: not (TuningMethod.Full or TuningMethod.Head), Targets.Count: 0 } =>
                "Choose at least one target: the layers that get an adapter.",
            { Method: TuningMethod.DoRA or TuningMethod.AdaLoRA } when method.Targets.Contains("embed_tokens") =>
                $"{method.Method} changes linear layers only: take embed_tokens out of the targets, or choose LoRA.",
            { Method: TuningMethod.AdaLoRA, RankStabilised: true } => "AdaLoRA has a scale of its own: turn rank-stabilised scaling off.",
            _ => null,
        };
}
