using System.Text.Json.Serialization;

namespace WebTrainer.Protocol;

/// <summary>Judges models on the same rows and questions; <see cref="EvaluationReport"/> is what is found.</summary>
[JobKind("evaluate", "Judges a base and what was tuned from it on the same test rows and benchmarks.")]
public sealed record EvaluateSpec : JobSpec
{
    /// <summary>Rows to judge by; those to learn from are there for what is learned at once, such as the linear model.</summary>
    public DatasetFiles? Data { get; init; }

    /// <summary>How the test rows' messages become text; used where the model brings no chat template.</summary>
    public PromptTemplate Template { get; init; } = PromptTemplate.Chat;

    /// <summary>What the encoder's heads tell; null where the base is a decoder.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ClassifierSpec? Classifier { get; init; }

    /// <summary>Longest sequence in tokens that the classifiers were trained on.</summary>
    public int ContextTokens { get; init; } = new TrainingSettings().ContextTokens;

    /// <summary>Which models are judged, and by what.</summary>
    public EvaluationSpec Evaluation { get; init; } = new();

    /// <summary>Specs of before 0.1.0 said the context among settings of a training.</summary>
    [JsonPropertyName("training"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FormerContext? Former
    {
        get => null;
        init => ContextTokens = value?.ContextTokens ?? ContextTokens;
    }

    /// <param name="ContextTokens">Longest sequence in tokens.</param>
    public sealed record FormerContext(int? ContextTokens);
}
