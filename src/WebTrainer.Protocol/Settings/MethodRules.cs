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
            { Start: AdapterStart.Pissa, Method: not TuningMethod.LoRA } =>
                $"The start at the principal part (PiSSA) is for LoRA: choose LoRA, or the usual start for {method.Method}.",
            { Start: AdapterStart.Pissa } when method.Targets.Contains("embed_tokens") =>
                "PiSSA begins linear layers only: take embed_tokens out of the targets, or choose the usual start.",
            { RateRatio: not 1, Method: TuningMethod.AdaLoRA } =>
                "LoRA+ is for LoRA, DoRA and QLoRA: set B's rate to 1, or choose another method.",
            _ => null,
        };
}
