using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Features.Benchmarks;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Projects;

/// <summary>Goals in words that everybody in the project understands.</summary>
public static class GoalWords
{
    public static string Name(GoalMetric metric) =>
        metric switch
        {
            GoalMetric.Accuracy => "Right answers on the test rows",
            GoalMetric.Perplexity => "Perplexity of the answers on the test rows",
            GoalMetric.GeneralLossRise => "Rise of the loss on general text",
            GoalMetric.Benchmark => "A figure of a benchmark",
            GoalMetric.MacroF1 => "Mean F1 of the labels",
            GoalMetric.LabelRecall => "Rows of one label that are found",
            GoalMetric.TokenF1 => "Words in common with the right answer",
            GoalMetric.RougeL => "ROUGE-L of the answers",
            GoalMetric.Latency => "Time to the first token",
            GoalMetric.Cost => "Cost of 1,000 tokens",
            GoalMetric.AheadOfSimple => "Ahead of the best simple method",
            _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, null),
        };

    public static string Explain(GoalMetric metric) =>
        metric switch
        {
            GoalMetric.Accuracy => "The share of test rows whose answer is exactly right. Higher is better.",
            GoalMetric.Perplexity => "How surprised the model is by the right answers. Lower is better; 1 is perfect.",
            GoalMetric.GeneralLossRise => "How much the model forgets of general language, in nats against its base. Lower is better.",
            GoalMetric.Benchmark =>
                "What the model reaches on a published benchmark, or on refusals, robustness or leakage; it counts where an evaluation asks it.",
            GoalMetric.MacroF1 =>
                "Each label counts the same, however few rows it has. Measured where labels are a closed set. Higher is better.",
            GoalMetric.LabelRecall => "Of the test rows that have this label, the share that gets it. Higher is better.",
            GoalMetric.TokenF1 => "How near free text comes to the right answer, word by word (F1). Higher is better.",
            GoalMetric.RougeL => "The longest sequence of words in common with the right answer (F1). Higher is better.",
            GoalMetric.Latency =>
                "Seconds to the first token, of 95 in 100 requests, one at a time. Measured where an evaluation asks for speed.",
            GoalMetric.Cost =>
                "What 1,000 new tokens cost by the price of a device hour. Measured where an evaluation asks for speed and a price is set.",
            GoalMetric.AheadOfSimple =>
                "How many more of 100 test rows are right than by the best simple method on the same rows. At 0 the model must surely beat it.",
            _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, null),
        };

    public static string Target(GoalMetric metric, double target, BenchmarkAim? aim = null) =>
        metric switch
        {
            GoalMetric.Perplexity => "at most " + Format.Number(target, 2),
            GoalMetric.Latency => "at most " + Format.Number(target, 2) + " s",
            GoalMetric.Cost => "at most " + Format.Number(target, 4),
            GoalMetric.AheadOfSimple => "by at least " + Format.Number(100 * target, 1) + " points",
            GoalMetric.Benchmark => (aim!.AtMost ? "at most " : "at least ") + BenchmarkWords.Value(aim.Metric, target),
            GoalMetric.GeneralLossRise => "at most " + Format.Number(target, 2) + " nats",
            _ => "at least " + Format.Percent(target),
        };

    /// <summary>What is measured: "GSM8K: Right, flexible".</summary>
    public static string Title(GoalView goal) =>
        goal.Aim is { } aim && Enum.TryParse<BenchmarkKind>(aim.Benchmark, out var kind)
            ? $"{BenchmarkWords.Title(kind)}: {BenchmarkWords.Metric(aim.Metric).Title}"
        : goal.Label is { } label ? $"Rows of “{label}” that are found"
        : Name(goal.Metric);

    public static string Sentence(GoalView goal) => $"{Title(goal)} {Target(goal.Metric, goal.Target, goal.Aim)}";

    /// <summary>Its target is a share, which people write in percent.</summary>
    public static bool IsShare(GoalMetric metric, BenchmarkAim? aim) =>
        GoalMetrics.IsShare(metric) || (aim is not null && BenchmarkWords.Metric(aim.Metric).IsShare);

    /// <summary>The unit that a target is typed in; empty for a plain number.</summary>
    public static string UnitOf(GoalMetric metric, BenchmarkAim? aim) =>
        metric switch
        {
            GoalMetric.AheadOfSimple => "in points",
            GoalMetric.Latency => "in seconds",
            GoalMetric.Cost => "in the currency below",
            _ => IsShare(metric, aim) ? "in percent" : "",
        };
}
