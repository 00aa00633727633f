using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>Which of a run's files to take where the two would give other answers.</summary>
public static class MergeAdvice
{
    private static readonly string[] s_sharedMaps = ["embed_tokens", "lm_head"];

    /// <summary>
    /// PEFT (0.20) adds the changes of embedding and head to one matrix where the base shares it; attached to the base, the adapter is
    /// right.
    /// </summary>
    /// <returns>Null where the adapter changes neither.</returns>
    public static string? Of(MethodSpec method) =>
        method.Method is not (TuningMethod.Full or TuningMethod.Head) && method.Targets.Any(s_sharedMaps.Contains)
            ? "This adapter changes the embedding or the head, which many bases keep as one matrix. Attached to its base it answers as here; merged by PEFT (merge_and_unload) it may not. To have one model, take the whole model."
            : null;
}
