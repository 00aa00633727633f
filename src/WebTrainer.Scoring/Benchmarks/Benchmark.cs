using WebTrainer.Protocol;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>A question with what it takes to answer it.</summary>
/// <param name="Id">Unique in the benchmark; of questions made of own rows the row's.</param>
/// <param name="Category">Subject or kind; the main metric is told for each.</param>
/// <param name="Prompt">For people who read the results.</param>
/// <param name="Expected">The right answer, for people who read the results.</param>
/// <param name="Requests">What a model is asked; its responses come in the same order.</param>
public sealed record BenchmarkQuestion(string Id, string Category, string Prompt, string Expected, IReadOnlyList<ModelRequest> Requests);

/// <summary>What an answer is worth.</summary>
/// <param name="Answer">For people who read the results.</param>
/// <param name="Values">By metric, most often 0 to 1.</param>
public sealed record QuestionScore(string Answer, IReadOnlyDictionary<string, double> Values);

/// <summary>A set of questions and the rules of scoring their answers. It knows no model: who asks, hands in the responses.</summary>
public abstract class Benchmark
{
    /// <summary>What is asked, drawn from the files by the spec's seed.</summary>
    public abstract IReadOnlyList<BenchmarkQuestion> Questions { get; }

    /// <summary>The metric that models are compared by; each question has a value of it.</summary>
    public abstract string MainMetric { get; }

    /// <summary>What a reader must know of the figures; null where there is nothing.</summary>
    public virtual string? Note => null;

    /// <param name="question">One of <see cref="Questions"/>.</param>
    /// <param name="responses">Of the question's requests, in their order.</param>
    public abstract QuestionScore Score(BenchmarkQuestion question, IReadOnlyList<ModelResponse> responses);

    /// <summary>Figures over all questions: the mean of each metric, where a benchmark has no other rule.</summary>
    /// <param name="scores">Of <see cref="Questions"/>, in their order.</param>
    public virtual IReadOnlyList<MetricFigure> Summarise(IReadOnlyList<QuestionScore> scores)
    {
        var (confidences, right) = Confidences(scores);
        return
        [
            .. scores
                .SelectMany(score => score.Values.Keys)
                .Distinct(StringComparer.Ordinal)
                .Select(metric =>
                    Figure.Mean(metric, [.. scores.Where(score => score.Values.ContainsKey(metric)).Select(score => score.Values[metric])])
                ),
            .. confidences.Length == 0 ? [] : Errors(confidences, right),
        ];
    }

    /// <summary>How often answers are right at each confidence; empty where choices have no likelihoods.</summary>
    public static IReadOnlyList<ReliabilityBin> Reliability(IReadOnlyList<QuestionScore> scores)
    {
        var (confidences, right) = Confidences(scores);
        return ConfidenceFigures.ReliabilityOf(confidences, right);
    }

    private static MetricFigure[] Errors(double[] confidences, bool[] right) =>
        ConfidenceFigures.ErrorsOf(confidences, right) is var errors ? [errors.Debiased, errors.Plain] : [];

    private static (double[] Confidences, bool[] Right) Confidences(IReadOnlyList<QuestionScore> scores)
    {
        var chosen = scores.Where(score => score.Values.ContainsKey(MultipleChoice.Confidence)).ToList();
        return (
            [.. chosen.Select(score => score.Values[MultipleChoice.Confidence])],
            [.. chosen.Select(score => score.Values[MultipleChoice.Accuracy] == 1)]
        );
    }

    /// <summary>The main metric in each category, by its name; empty where all questions are of one.</summary>
    public IReadOnlyList<MetricFigure> ByCategory(IReadOnlyList<QuestionScore> scores)
    {
        var categories = Questions.Zip(scores).GroupBy(pair => pair.First.Category, StringComparer.Ordinal).ToList();
        return categories.Count < 2
            ? []
            :
            [
                .. categories
                    .OrderBy(category => category.Key, StringComparer.Ordinal)
                    .Select(category =>
                        Figure.Mean(category.Key, [.. category.Select(pair => pair.Second.Values.GetValueOrDefault(MainMetric))])
                    ),
            ];
    }
}
