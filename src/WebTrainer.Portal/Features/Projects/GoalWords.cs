using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Components.Shared;

namespace WebTrainer.Portal.Features.Projects;

/// <summary>Goals in words that everybody in the project understands.</summary>
public static class GoalWords
{
    public static string Name(GoalMetric metric) => metric switch
    {
        GoalMetric.Accuracy => "Right answers on the test rows",
        GoalMetric.Perplexity => "Perplexity of the answers on the test rows",
        GoalMetric.GeneralLossRise => "Rise of the loss on general text",
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, null),
    };

    public static string Explain(GoalMetric metric) => metric switch
    {
        GoalMetric.Accuracy => "The share of test rows whose answer is exactly right. Higher is better.",
        GoalMetric.Perplexity => "How surprised the model is by the right answers. Lower is better; 1 is perfect.",
        GoalMetric.GeneralLossRise => "How much the model forgets of general language, in nats against its base. Lower is better.",
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, null),
    };

    public static string Target(GoalMetric metric, double target) => metric switch
    {
        GoalMetric.Accuracy => "at least " + Format.Percent(target),
        GoalMetric.Perplexity => "at most " + Format.Number(target, 2),
        _ => "at most " + Format.Number(target, 2) + " nats",
    };
}
