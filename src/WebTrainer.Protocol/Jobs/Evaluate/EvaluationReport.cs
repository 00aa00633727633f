using System.Text.Json.Serialization;

namespace WebTrainer.Protocol;

/// <summary>Figures of base, tuned models and simple methods on the same rows.</summary>
public sealed record EvaluationReport
{
    /// <summary>Name of the model that nothing was tuned of.</summary>
    public const string BaseName = "base";

    /// <summary>Test rows that every model was asked.</summary>
    public required long Rows { get; init; }

    /// <summary><c>accuracy</c> where labels are a closed set, else <c>exact_match</c>.</summary>
    public required string Metric { get; init; }

    /// <summary>Figures of each model, in the order in which they were asked.</summary>
    public required IReadOnlyList<ModelFigures> Models { get; init; }

    /// <summary>
    /// Which of two is better on the same rows: each tuned model against the base, the best simple method and the other tuned ones.
    /// </summary>
    public IReadOnlyList<Comparison> Comparisons { get; init; } = [];

    /// <summary>
    /// The base is an encoder, which has no answers of its own: it is judged by the nearest mean of its vectors of the training rows'
    /// labels.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool BaseByNearestMean { get; init; }

    /// <summary>What was asked beside the test rows, in the order of the spec.</summary>
    public IReadOnlyList<BenchmarkReport> Benchmarks { get; init; } = [];

    /// <summary>How fast each model answers; empty where it was not measured.</summary>
    public IReadOnlyList<SpeedFigures> Speeds { get; init; } = [];
}

/// <summary>One benchmark, every model.</summary>
/// <param name="Spec">With shots, template, seed and all else that the figures depend on.</param>
/// <param name="Questions">How many were asked.</param>
/// <param name="MainMetric">The metric that models are compared by.</param>
/// <param name="Models">Each model that the benchmark can be put to.</param>
/// <param name="Comparisons">By the main metric, on the same questions.</param>
/// <param name="Note">What a reader must know of these figures; null where there is nothing.</param>
public sealed record BenchmarkReport(
    BenchmarkSpec Spec,
    long Questions,
    string MainMetric,
    IReadOnlyList<BenchmarkFigures> Models,
    IReadOnlyList<Comparison> Comparisons,
    string? Note = null
)
{
    /// <summary>Why it was not done; the figures are empty then.</summary>
    public string? Refusal { get; init; }
}

/// <param name="Model">As the report calls it.</param>
/// <param name="Metrics">All metrics over all questions.</param>
/// <param name="Categories">The main metric in each category; empty where there is one only.</param>
public sealed record BenchmarkFigures(string Model, IReadOnlyList<MetricFigure> Metrics, IReadOnlyList<MetricFigure> Categories)
{
    /// <summary>Where choices have likelihoods: how often the model is right at each confidence; empty elsewhere.</summary>
    public IReadOnlyList<ReliabilityBin> Reliability { get; init; } = [];
}

/// <summary>Questions answered with about the same confidence.</summary>
/// <param name="Confidence">Mean probability of the chosen answer among the choices.</param>
/// <param name="Right">Share of right answers.</param>
/// <param name="Count">How many questions.</param>
public sealed record ReliabilityBin(double Confidence, double Right, long Count);

/// <summary>A mean, or what is made of several, with its 95 % interval.</summary>
/// <param name="Name">As lm-evaluation-harness or the scorer calls it.</param>
/// <param name="Value">The mean, or what stands for it; 0 to 1 unless the metric has a unit of its own.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
/// <param name="Count">Questions it is of.</param>
public sealed record MetricFigure(string Name, double Value, double Low, double High, long Count)
{
    /// <summary>Of a mean, as lm-evaluation-harness prints it; null for what is no mean, and of one question.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? StandardError { get; init; }
}

/// <summary>How fast a model answers on this device.</summary>
/// <param name="Model">As the report calls it.</param>
/// <param name="Device">What it was measured on, in words for the report.</param>
/// <param name="FirstTokenP50">Seconds from the request to its first token, one request at a time: half of them need less.</param>
/// <param name="FirstTokenP95">As <paramref name="FirstTokenP50"/>, but 19 of 20 need less.</param>
/// <param name="NextTokenP50">Seconds from token to token.</param>
/// <param name="NextTokenP95">As <paramref name="NextTokenP50"/>, but 19 of 20 need less.</param>
/// <param name="TokensPerSecond1">New tokens a second, one request at a time.</param>
/// <param name="TokensPerSecond8">The same over eight requests at once.</param>
/// <param name="PeakBytes">Most memory that the process held meanwhile; a GPU's own is not counted.</param>
/// <param name="JoulesPerToken">Null where the device doesn't report its energy.</param>
public sealed record SpeedFigures(
    string Model,
    string Device,
    double FirstTokenP50,
    double FirstTokenP95,
    double NextTokenP50,
    double NextTokenP95,
    double TokensPerSecond1,
    double TokensPerSecond8,
    long PeakBytes,
    double? JoulesPerToken
)
{
    /// <summary>
    /// Of a classifier, which answers a text at once: the first token's times are the whole answer's, there is no next token, and texts a
    /// second stand for tokens, alone and 256 at once.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool OfTexts { get; init; }
}

/// <summary>What a judged model is to those it is compared with.</summary>
public enum ModelKind
{
    /// <summary>What nothing was tuned of.</summary>
    Base,

    /// <summary>A base with an adapter, or a model that was trained whole.</summary>
    Tuned,

    /// <summary>A simple method that learned from the same training rows: what a tuned model must beat.</summary>
    Baseline,
}

/// <param name="Name"><c>base</c>, the adapter's name, or the simple method's.</param>
/// <param name="Kind">Base, tuned, or a simple method.</param>
/// <param name="Score">Share of right answers, 0 to 1.</param>
/// <param name="ScoreLow">Lower end of the 95 % Wilson interval.</param>
/// <param name="ScoreHigh">Upper end of the 95 % Wilson interval.</param>
/// <param name="AnswerLoss">Mean loss of the answers' tokens, in nats; null for simple methods.</param>
/// <param name="AnswerPerplexity">exp(<paramref name="AnswerLoss"/>).</param>
/// <param name="GeneralLoss">Mean loss on held-out general text: what rises here was forgotten. Null where there is none.</param>
/// <param name="Seconds">For all rows together.</param>
public sealed record ModelFigures(
    string Name,
    ModelKind Kind,
    double Score,
    double ScoreLow,
    double ScoreHigh,
    double? AnswerLoss,
    double? AnswerPerplexity,
    double? GeneralLoss,
    double Seconds
)
{
    /// <summary>How near free text comes to the right answer; null where labels are a closed set.</summary>
    public TextFigures? Texts { get; init; }

    /// <summary>What the model's weights take in memory; null for simple methods.</summary>
    public long? WeightBytes { get; init; }

    /// <summary>How the weights were kept while it answered.</summary>
    public WeightPrecision Precision { get; init; }

    /// <summary>Means of the scorers that were asked for.</summary>
    public IReadOnlyList<MetricFigure> Scores { get; init; } = [];

    /// <summary>Where labels are a closed set: by label, and which was taken for which.</summary>
    public LabelFigures? Labels { get; init; }

    /// <summary>
    /// Where labels are a closed set and have likelihoods: whether the model's confidence means what it says; null elsewhere, and in older
    /// reports.
    /// </summary>
    public CalibrationFigures? Calibration { get; init; }
}

/// <summary>
/// Does confidence mean what it says? Confidence is the chosen label's probability among the labels: softmax of their whole
/// log-likelihoods, each with what ends an answer, known to a thousandth of itself.
/// </summary>
/// <param name="Confidence">Its mean.</param>
/// <param name="Error">
/// Expected calibration error, ten bins of equal width, as it is usually computed. Its interval is that of the true error, above which it
/// may lie itself: chance alone lifts it.
/// </param>
/// <param name="Brier">Mean squared distance of confidence from being right (1) or wrong (0): 0 is best.</param>
/// <param name="Reliability">How often the model is right at each confidence.</param>
public sealed record CalibrationFigures(
    MetricFigure Confidence,
    MetricFigure Error,
    MetricFigure Brier,
    IReadOnlyList<ReliabilityBin> Reliability
)
{
    /// <summary>
    /// The error without what chance adds, with the interval of the true error; null in older reports, whose interval is too high.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MetricFigure? DebiasedError { get; init; }
}

/// <summary>How a closed set of labels was told apart.</summary>
/// <param name="MacroF1">Mean of the labels' F1: small labels count as much as large ones.</param>
/// <param name="MacroF1Low">Lower end of its 95 % bootstrap interval.</param>
/// <param name="MacroF1High">Upper end of its 95 % bootstrap interval.</param>
/// <param name="Labels">Each label that occurs, by how often.</param>
/// <param name="Confusions">Pairs that were confused, most often first.</param>
public sealed record LabelFigures(
    double MacroF1,
    double MacroF1Low,
    double MacroF1High,
    IReadOnlyList<LabelFigure> Labels,
    IReadOnlyList<Confusion> Confusions
);

/// <param name="Label">As in the dataset.</param>
/// <param name="Rows">Rows that have the label.</param>
/// <param name="Precision">Of the rows that were given the label, the share that have it, 0 to 1; 0 where none was given it.</param>
/// <param name="Recall">Of the rows that have the label, the share that were given it, 0 to 1.</param>
/// <param name="F1">Harmonic mean of both.</param>
public sealed record LabelFigure(string Label, long Rows, double Precision, double Recall, double F1);

/// <summary>How often one label was taken for another.</summary>
/// <param name="Expected">The right label.</param>
/// <param name="Given">What the model said.</param>
/// <param name="Rows">How many rows; at least 1.</param>
public sealed record Confusion(string Expected, string Given, long Rows);

/// <summary>Means over all rows, 0 to 1.</summary>
/// <param name="NormalisedMatch">Equal but for case, punctuation and articles.</param>
/// <param name="TokenF1">Words in common with the right answer.</param>
/// <param name="TokenF1Low">Lower end of its 95 % bootstrap interval.</param>
/// <param name="TokenF1High">Upper end of its 95 % bootstrap interval.</param>
/// <param name="RougeL">Longest common subsequence of words, F1.</param>
/// <param name="ChrF">n-grams of characters in common, F2.</param>
public sealed record TextFigures(double NormalisedMatch, double TokenF1, double TokenF1Low, double TokenF1High, double RougeL, double ChrF);

/// <summary>Two models on the same rows.</summary>
/// <param name="First">As the report calls it.</param>
/// <param name="Second">As the report calls it.</param>
/// <param name="Measure">
/// <c>right</c>: share of right answers, by McNemar's exact test and Newcombe's interval; <c>token_f1</c>, or a benchmark's metric: its
/// mean, by paired bootstrap and Wilcoxon's signed-rank test.
/// </param>
/// <param name="OnlyFirst">Rows on which the first alone is right.</param>
/// <param name="OnlySecond">Rows on which the second alone is right.</param>
/// <param name="Difference">Second less first, -1 to 1.</param>
/// <param name="Low">Lower end of the difference's 95 % interval.</param>
/// <param name="High">Upper end of the difference's 95 % interval.</param>
/// <param name="PValue">Corrected for the number of comparisons (Holm); null in reports from before means were tested too.</param>
/// <param name="RowsNeeded">Rows that would show such a difference in four of five tries; null where none was seen.</param>
public sealed record Comparison(
    string First,
    string Second,
    string Measure,
    long OnlyFirst,
    long OnlySecond,
    double Difference,
    double Low,
    double High,
    double? PValue,
    long? RowsNeeded
)
{
    /// <summary>Values of <see cref="Measure"/>: the share of right answers, and words in common.</summary>
    public const string ByRight = "right",
        ByTokenF1 = "token_f1";

    private const double Level = 0.05;

    /// <summary>The two can be told apart: by the test, and where means are compared by the interval too.</summary>
    public bool IsSure => (PValue is null or < Level) && (Measure == ByRight ? PValue is not null : Low > 0 || High < 0);
}

/// <summary>One test row, with the answer of each model.</summary>
public sealed record ExampleResult(string RowId, string Prompt, string Expected, IReadOnlyList<ExampleAnswer> Answers);

/// <param name="Model">As the report calls it.</param>
/// <param name="Text">What the model answered, as it wrote it.</param>
/// <param name="Right">It is the expected answer but for white space around it.</param>
/// <param name="Loss">Mean loss of the right answer's tokens in nats; null for simple methods.</param>
/// <param name="TokenF1">Words in common with the right answer, 0 to 1.</param>
public sealed record ExampleAnswer(string Model, string Text, bool Right, double? Loss, double TokenF1)
{
    /// <summary>By the name of the scorer, 0 to 1; null where none was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? Scores { get; init; }

    /// <summary>Probability of the chosen label among the closed set; null for free text, simple methods and older results.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Confidence { get; init; }
}

/// <summary>One question of a benchmark, with the answer of each model.</summary>
public sealed record QuestionResult(string Id, string Category, string Prompt, string Expected, IReadOnlyList<QuestionAnswer> Answers);

/// <param name="Model">As the report calls it.</param>
/// <param name="Text">What the model answered, or the choice that it finds likeliest.</param>
/// <param name="Score">Of the main metric.</param>
public sealed record QuestionAnswer(string Model, string Text, double Score);
