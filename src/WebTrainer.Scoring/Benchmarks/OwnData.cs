using WebTrainer.Protocol;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>The run's own rows, of which some benchmarks make their questions.</summary>
/// <param name="Train">Rows that the models may have learned.</param>
/// <param name="Test">Rows that none of them has.</param>
/// <param name="Labels">The closed set of answers; null where answers are free text.</param>
/// <param name="General">Held-out general text; null where the base model ships none.</param>
/// <param name="MaxNewTokens">Tokens of a free answer at most.</param>
public sealed record OwnData(
    IReadOnlyList<DatasetRow> Train,
    IReadOnlyList<DatasetRow> Test,
    IReadOnlyList<string>? Labels,
    string? General,
    int MaxNewTokens
)
{
    /// <summary>Nothing; for benchmarks that have files.</summary>
    public static OwnData None { get; } = new([], [], null, null, MaxNewTokens: 0);

    /// <summary>What is asked of a model to get its answer to a row.</summary>
    /// <param name="before">All messages before the answer.</param>
    /// <param name="isWeighed">Where labels are a closed set: how sure the model is of its choice is asked too.</param>
    public ModelRequest AnswerTo(IReadOnlyList<ChatMessage> before, bool isWeighed = false) =>
        Labels is null
            ? new TextRequest(new(null, before), MaxNewTokens, [])
            : new ChoiceRequest(new(null, before), Labels) { IsWeighed = isWeighed };
}
