namespace WebTrainer.Protocol;

/// <summary>Figures of base and adapters on the same rows.</summary>
public sealed record EvaluationReport
{
    public required long Rows { get; init; }

    /// <summary><c>accuracy</c> where labels are a closed set, else <c>exact_match</c>.</summary>
    public required string Metric { get; init; }
    public required IReadOnlyList<ModelFigures> Models { get; init; }
}

/// <param name="Name"><c>base</c> or the adapter's name.</param>
/// <param name="Score">Share of right answers, 0 to 1.</param>
/// <param name="ScoreLow">Lower end of the 95 % Wilson interval.</param>
/// <param name="ScoreHigh">Upper end of the 95 % Wilson interval.</param>
/// <param name="AnswerLoss">Mean loss of the answers' tokens, in nats.</param>
/// <param name="AnswerPerplexity">exp(<paramref name="AnswerLoss"/>).</param>
/// <param name="GeneralLoss">Mean loss on held-out general text: what rises here was forgotten. Null where there is none.</param>
public sealed record ModelFigures(
    string Name,
    double Score,
    double ScoreLow,
    double ScoreHigh,
    double AnswerLoss,
    double AnswerPerplexity,
    double? GeneralLoss,
    double Seconds);

/// <summary>One test row, with the answer of each model.</summary>
public sealed record ExampleResult(string RowId, string Prompt, string Expected, IReadOnlyList<ExampleAnswer> Answers);

public sealed record ExampleAnswer(string Model, string Text, bool Right, double Loss);
