using System.Text.Json.Serialization;
using WebTrainer.Protocol.Settings;

namespace WebTrainer.Protocol;

/// <summary>Tunes a model on rows.</summary>
[JobKind("train", "Tunes a model on rows: adapter or all weights, with checkpoints from which it goes on.", GivesWay = true)]
public record TrainSpec : JobSpec
{
    /// <summary>The run that it is of.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Rows to learn from, to validate on, and by which forgetting is measured.</summary>
    public DatasetFiles? Data { get; init; }

    /// <summary>How messages become text; used where the model brings no chat template.</summary>
    public PromptTemplate Template { get; init; } = PromptTemplate.Chat;

    /// <summary>Which weights learn, and how.</summary>
    public MethodSpec Method { get; init; } = new();

    /// <summary>The adapter that it goes on from; null where it begins with a fresh one, or with none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StartAdapter? StartsFrom { get; init; }

    /// <summary>What the training makes smaller.</summary>
    public ObjectiveSpec Objective { get; init; } = new();

    /// <summary>The head that an encoder gets; null where the base is a decoder.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ClassifierSpec? Classifier { get; init; }

    /// <summary>Learning rate, batches, epochs, and when to look and save.</summary>
    public TrainingSettings Training { get; init; } = new();

    /// <summary>What it may tell of its rows; null where nothing bounds that.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PrivacySpec? Privacy { get; init; }

    /// <summary>Every random choice comes from this number.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>What a person has set of it, in one piece.</summary>
    [JsonIgnore]
    public TuningSettings Tuning => new(Objective, Method, Classifier, Training) { Privacy = Privacy ?? new() };
}
