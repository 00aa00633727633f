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

    // An encoder that learns labels (benchmarks/classify).
    private static readonly (MethodSpec, TrainingSettings) s_encoder = (
        new MethodSpec { Rank = 16, Alpha = 32, Targets = [MethodSpec.AllLinearName] },
        new TrainingSettings
        {
            LearningRate = 2e-3, Schedule = LearningRateSchedule.Linear, WarmupShare = 0.1, Epochs = 6, ContextTokens = 128, CheckpointEverySteps = 0,
        });

    /// <param name="encoder">The base is one.</param>
    public static (MethodSpec Method, TrainingSettings Training) For(DatasetFiles data, bool encoder) =>
        encoder ? s_encoder : data.Labels is null ? s_freeText : s_labels;

    /// <summary>Encoders learn labels best; everything else needs a model that writes.</summary>
    /// <returns>Null where this server has no model to start from.</returns>
    public static BaseModel? BaseFor(DatasetFiles data, IReadOnlyList<BaseModel> models) =>
        (data.Labels is null ? null : models.FirstOrDefault(model => model.IsEncoder)) ?? models.FirstOrDefault(model => !model.IsEncoder) ?? models.FirstOrDefault();
}
