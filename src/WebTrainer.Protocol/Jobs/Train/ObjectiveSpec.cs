using System.Text.Json.Serialization;

namespace WebTrainer.Protocol;

/// <summary>What a training makes smaller.</summary>
public enum ObjectiveKind
{
    /// <summary>Cross entropy of the answers.</summary>
    Answers,

    /// <summary>Cross entropy of whole texts: continued pretraining.</summary>
    Text,

    /// <summary>What people like better or want, by one of <see cref="PreferenceLoss"/>.</summary>
    Preferences,

    /// <summary>Come near a larger model's probabilities (arXiv:1503.02531).</summary>
    Distillation,
}

/// <summary>What a training from preferences makes smaller.</summary>
public enum PreferenceLoss
{
    /// <summary>Direct preference optimisation of pairs (arXiv:2305.18290).</summary>
    Dpo,

    /// <summary>Identity preference optimisation of pairs: a margin to reach, not one to grow without end (arXiv:2310.12036).</summary>
    Ipo,

    /// <summary>DPO that knows that a share of its pairs is the wrong way round (arXiv:2403.00409).</summary>
    RobustDpo,

    /// <summary>Kahneman-Tversky optimisation of single answers that are wanted or not (arXiv:2402.01306).</summary>
    Kto,

    /// <summary>Odds ratio preference optimisation of pairs, without a reference model (arXiv:2403.07691).</summary>
    Orpo,

    /// <summary>Simple preference optimisation of pairs by likelihood a token, without a reference model (arXiv:2405.14734).</summary>
    SimPo,
}

/// <summary>What a training makes smaller, with the constants of that loss; those of others are not looked at.</summary>
public sealed record ObjectiveSpec
{
    /// <summary>Which kind of loss, and so which of the other members are looked at.</summary>
    public ObjectiveKind Kind { get; init; }

    /// <summary>Preferences: which loss.</summary>
    public PreferenceLoss Loss { get; init; }

    /// <summary>
    /// Preferences: how strongly the model is held to where it began; higher stays nearer. IPO's τ, and what its odds count in ORPO (λ
    /// there).
    /// </summary>
    public double Beta { get; init; } = 0.1;

    /// <summary>SimPO: what the difference of the likelihoods a token is multiplied by.</summary>
    public double SimPoBeta { get; init; } = 2;

    /// <summary>SimPO: by how much the chosen answer shall be better (γ), after that multiplication.</summary>
    public double SimPoMargin { get; init; } = 1;

    /// <summary>Robust DPO: share of the pairs that is taken to be the wrong way round (ε), below a half.</summary>
    public double FlippedShare { get; init; } = 0.1;

    /// <summary>KTO: what a wanted answer counts.</summary>
    public double WantedWeight { get; init; } = 1;

    /// <summary>KTO: what an unwanted answer counts.</summary>
    public double UnwantedWeight { get; init; } = 1;

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
