using WebTrainer.Domain;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>What somebody fills in to train: the form's fields, and the body of <c>POST …/runs</c>.</summary>
public sealed record RunRequest
{
    public string Name { get; init; } = "";
    public required Guid DatasetVersionId { get; init; }
    public required string BaseModel { get; init; }
    public MethodSpec Method { get; init; } = new();
    /// <summary>What the run makes smaller; a teacher is named as a base model is, not by a path.</summary>
    public ObjectiveSpec Objective { get; init; } = new();
    /// <summary>The head that an encoder gets; null for decoders, or for the usual head of an encoder.</summary>
    public ClassifierSpec? Classifier { get; init; }
    public TrainingSettings Training { get; init; } = new();
    public long Seed { get; init; } = 42;

    /// <exception cref="RuleViolationException">A setting makes no sense; the message names it and its bounds.</exception>
    public void Check()
    {
        Within(Method.Rank, 1, 1024, "The rank");
        Within(Method.Alpha, 0.001, 10_000, "Alpha");
        Within(Method.Dropout, 0, 0.9, "The dropout");
        Within(Training.LearningRate, 1e-8, 1, "The learning rate");
        Within(Training.Epochs, 0.01, 1000, "The number of epochs");
        Within(Training.MicroBatch, 1, 4096, "The micro-batch");
        Within(Training.Accumulation, 1, 4096, "The accumulation");
        Within(Training.ContextTokens, 16, 1_000_000, "The context");
        Within(Training.WarmupShare, 0, 1, "The warm-up share");
        Within(Training.WeightDecay, 0, 1, "The weight decay");
        Within(Training.MaxGradientNorm, 0.001, 1000, "The gradient norm");
        Within(Training.MaxSteps ?? 1, 1, 100_000_000, "The number of steps");
        Within(Training.PromptDropout, 0, 0.9, "The prompt dropout");
        Within(Training.Samples, 0, 20, "The number of samples");
        Within(Training.Patience, 0, 1000, "The patience");
        if (!Enum.IsDefined(Method.Method))
            throw new RuleViolationException($"The method {Method.Method} is not known.");
        if (Method.Method is not (TuningMethod.Full or TuningMethod.Head) && Method.Targets.Count == 0)
            throw new RuleViolationException("Choose at least one target: the layers that get an adapter.");
        if (Method.Method is TuningMethod.DoRA or TuningMethod.AdaLoRA && Method.Targets.Contains("embed_tokens"))
            throw new RuleViolationException($"{Method.Method} changes linear layers only: take embed_tokens out of the targets, or choose LoRA.");
        if (Method.Method == TuningMethod.AdaLoRA && Method.RankStabilised)
            throw new RuleViolationException("AdaLoRA has a scale of its own: turn rank-stabilised scaling off.");
        if (!Enum.IsDefined(Objective.Kind))
            throw new RuleViolationException($"The objective {Objective.Kind} is not known.");
        if (ObjectiveRules.WhyNot(Objective, Method, Training) is { } reason)
            throw new RuleViolationException(reason);
    }

    private static void Within(double value, double low, double high, string what)
    {
        if (!(value >= low && value <= high))
            throw new RuleViolationException($"{what} is {value:G6}; it must lie between {low:G6} and {high:G}.");
    }
}
