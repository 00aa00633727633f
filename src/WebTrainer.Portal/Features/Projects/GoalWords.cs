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
            _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, null),
        };

    public static string Target(GoalMetric metric, double target, BenchmarkAim? aim = null) =>
        metric switch
        {
            GoalMetric.Accuracy => "at least " + Format.Percent(target),
            GoalMetric.Perplexity => "at most " + Format.Number(target, 2),
            GoalMetric.Benchmark => (aim!.AtMost ? "at most " : "at least ") + BenchmarkWords.Value(aim.Metric, target),
            _ => "at most " + Format.Number(target, 2) + " nats",
        };

    /// <summary>What is measured: "GSM8K: Right, flexible".</summary>
    public static string Title(GoalView goal) =>
        goal.Aim is { } aim && Enum.TryParse<BenchmarkKind>(aim.Benchmark, out var kind)
            ? $"{BenchmarkWords.Title(kind)}: {BenchmarkWords.Metric(aim.Metric).Title}"
            : Name(goal.Metric);

    public static string Sentence(GoalView goal) => $"{Title(goal)} {Target(goal.Metric, goal.Target, goal.Aim)}";

    /// <summary>Its target is a share, which people write in percent.</summary>
    public static bool IsShare(GoalMetric metric, BenchmarkAim? aim) =>
        metric == GoalMetric.Accuracy || (aim is not null && BenchmarkWords.Metric(aim.Metric).IsShare);
}
