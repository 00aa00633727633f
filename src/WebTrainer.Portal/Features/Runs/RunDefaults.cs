using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>Settings a run starts from, by the kind of answers it learns.</summary>
public static class RunDefaults
{
    // Many short rows with few answers: the settings found on Banking77 (benchmarks/banking77).
    private static readonly (MethodSpec, TrainingSettings) s_labels = (new MethodSpec(), new TrainingSettings { ContextTokens = 128, Epochs = 8, PromptDropout = 0.2 });

    // Free answers: gentler, so that less of the general language is forgotten; longer, smaller batches.
    private static readonly (MethodSpec, TrainingSettings) s_freeText = (
        new MethodSpec { Rank = 16, Targets = MethodSpec.AllLinear },
        new TrainingSettings { LearningRate = 1e-3, Epochs = 3, MicroBatch = 8, Accumulation = 2 });

    public static (MethodSpec Method, TrainingSettings Training) For(DatasetFiles data) => data.Labels is null ? s_freeText : s_labels;
}
