using System.Text.Json.Serialization;

namespace WebTrainer.Protocol;

/// <summary>What a training makes smaller.</summary>
public enum ObjectiveKind
{
    /// <summary>Cross entropy of the answers.</summary>
    Answers,

    /// <summary>Cross entropy of whole texts: continued pretraining.</summary>
    Text,

    /// <summary>Direct preference optimisation on pairs of answers (arXiv:2305.18290).</summary>
    Preferences,

    /// <summary>Come near a larger model's probabilities (arXiv:1503.02531).</summary>
    Distillation,
}

public sealed record ObjectiveSpec
{
    public ObjectiveKind Kind { get; init; }

    /// <summary>Preferences: how strongly the model is held to where it began; higher stays nearer.</summary>
    public double Beta { get; init; } = 0.1;

    /// <summary>Distillation: Hugging Face folder of the larger model, absolute; it must have the base's tokenizer.</summary>
    public string? Teacher { get; init; }

    /// <summary>Distillation: which model that is, as <see cref="JobSpec.BaseModelSha256"/> says it of the base.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TeacherSha256 { get; init; }

    /// <summary>Distillation: both models' scores are divided by it, so that unlikely tokens teach too.</summary>
    public double Temperature { get; init; } = 2;

    /// <summary>Distillation: share of the teacher in the loss, 0 to 1; the rest is the answers'.</summary>
    public double TeacherShare { get; init; } = 0.5;
}
