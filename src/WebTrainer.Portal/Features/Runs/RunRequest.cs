using System.Text.Json.Serialization;
using WebTrainer.Domain;
using WebTrainer.Protocol;
using WebTrainer.Protocol.Settings;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>What somebody fills in to train: the form's fields, and the body of <c>POST …/runs</c>.</summary>
public sealed record RunRequest
{
    public string Name { get; init; } = "";
    public required Guid DatasetVersionId { get; init; }
    public required string BaseModel { get; init; }

    /// <summary>Without targets it takes those that are usual for the base.</summary>
    [JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)]
    public MethodSpec Method { get; init; } = new() { Targets = [] };

    /// <summary>
    /// A finished run, or an adapter that was brought in, whose adapter this run goes on from; null to begin with a fresh one. Rank, alpha
    /// and targets are that adapter's own then.
    /// </summary>
    public Guid? StartRunId { get; init; }

    /// <summary>What the run makes smaller; a teacher is named as a base model is, not by a path.</summary>
    public ObjectiveSpec Objective { get; init; } = new();

    /// <summary>The head that an encoder gets; null for decoders, or for the usual head of an encoder.</summary>
    public ClassifierSpec? Classifier { get; init; }
    public TrainingSettings Training { get; init; } = new();

    /// <summary>What the run may tell of its rows; null where nothing bounds that.</summary>
    public PrivacySpec? Privacy { get; init; }
    public long Seed { get; init; } = 42;

    /// <summary>
    /// <c>any</c> for a GPU that is free when it begins, else the CPU; <c>cpu</c>, <c>cuda</c> for any GPU, or <c>cuda:N</c>.
    /// </summary>
    public string Device { get; init; } = DeviceName.Any;

    /// <summary>What is set of the training, in one piece.</summary>
    [JsonIgnore]
    public TuningSettings Tuning => new(Objective, Method, Classifier, Training) { Privacy = Privacy ?? new() };

    public RunRequest With(TuningSettings tuning) =>
        this with
        {
            Objective = tuning.Objective,
            Method = tuning.Method,
            Classifier = tuning.Classifier,
            Training = tuning.Training,
            Privacy = tuning.Privacy.IsOn ? tuning.Privacy : null,
        };

    /// <exception cref="RuleViolationException">A setting makes no sense; the message names it and its bounds.</exception>
    public void Check()
    {
        if (SettingRules.WhyNot(Tuning) is { } reason)
        {
            throw new RuleViolationException(reason);
        }
    }
}
