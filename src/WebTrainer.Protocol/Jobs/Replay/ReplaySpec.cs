using System.Text.Json.Serialization;

namespace WebTrainer.Protocol;

/// <summary>Answers prompts as the training would have; <see cref="ReplayTraces"/> is held against what is served.</summary>
[JobKind("replay", "Answers prompts by the model as it was trained, token by token, so that what is served can be held against it.")]
public sealed record ReplaySpec : JobSpec
{
    /// <summary>How messages became text in training; used where the model brings no chat template.</summary>
    public PromptTemplate Template { get; init; } = PromptTemplate.Chat;

    /// <summary>The run's result, PEFT or whole; null for the base itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Result { get; init; }

    /// <summary>
    /// What the run was told of its method: the adapter's scale is taken from it and not from the file beside the weights. Null where no
    /// training of this portal made it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MethodSpec? Method { get; init; }

    /// <summary>How the served weights are kept: in fewer bits, how far that leads away is measured too.</summary>
    public WeightPrecision Served { get; init; }

    /// <summary>What is asked.</summary>
    public required IReadOnlyList<ReplayPrompt> Prompts { get; init; }

    /// <summary>New tokens of each answer at most.</summary>
    public int MaxNewTokens { get; init; } = 32;
}

/// <summary>A conversation up to the place where the model answers.</summary>
/// <param name="Id">Of the row it is of.</param>
/// <param name="Messages">Without the answer.</param>
public sealed record ReplayPrompt(string Id, IReadOnlyList<ChatMessage> Messages);

/// <summary>One answer with all that led to it.</summary>
/// <param name="Id">Of the prompt.</param>
/// <param name="Rendered">The prompt as text, after the template.</param>
/// <param name="Prompt">Its token ids, in the model's order.</param>
/// <param name="Answer">The likeliest tokens one after the other, without the one that ends the answer; empty of a classifier.</param>
/// <param name="LogProbabilities">Natural logarithm of each answered token's probability; of a classifier, of each label's.</param>
public sealed record AnswerTrace(
    string Id,
    string Rendered,
    IReadOnlyList<int> Prompt,
    IReadOnlyList<int> Answer,
    IReadOnlyList<double> LogProbabilities
)
{
    /// <summary>The answer as text.</summary>
    public string Text { get; init; } = "";
}

/// <summary>What a replay job found.</summary>
public sealed record ReplayTraces
{
    /// <summary>In the order of the prompts.</summary>
    public required IReadOnlyList<AnswerTrace> Traces { get; init; }

    /// <summary>How far apart log-probabilities may be where the same weights are computed with in another order.</summary>
    public required double Tolerance { get; init; }

    /// <summary>
    /// Mean Kullback-Leibler divergence of the packed model from the full one over all answered tokens, in nats; null where the served
    /// weights are full.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PackedDivergence { get; init; }
}
