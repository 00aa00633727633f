using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Evaluations;

/// <summary>The overview must not call reached what is not.</summary>
public sealed class GoalStandingTests
{
    private static readonly ProjectPrice s_price = new(null, "EUR");

    [Fact]
    public void Of_GoalMetAndSimpleMethodBeaten_IsReached()
    {
        var standing = GoalStanding.Of([Accuracy(0.8)], [Report(tuned: (0.9, 0.85, 0.95), simple: 0.7)], s_price);
        Assert.True(standing.IsReached);
        Assert.Equal("", standing.Sentence);
    }

    [Theory]
    [InlineData(0.97, "Missed")]
    [InlineData(0.9, "Undecided")]
    public void Of_GoalNotSurelyMet_IsNotReached(double target, string word)
    {
        var standing = GoalStanding.Of([Accuracy(target)], [Report(tuned: (0.9, 0.85, 0.95), simple: 0.7)], s_price);
        Assert.False(standing.IsReached);
        Assert.StartsWith(word + ": Right answers", standing.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_SimpleMethodLeads_IsNotReached()
    {
        var standing = GoalStanding.Of([Accuracy(0.8)], [Report(tuned: (0.9, 0.85, 0.95), simple: 0.92)], s_price);
        Assert.False(standing.IsReached);
        Assert.Contains("linear", standing.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_LimitBroken_IsNotReached()
    {
        var report = Report(tuned: (0.9, 0.85, 0.95), simple: 0.7) with
        {
            Speeds = [new("run-1", "cpu", 0.3, 0.4, 0.05, 0.06, 18, 40, 500_000_000, null)],
        };
        Assert.Contains(
            "latency at most 200 ms",
            GoalStanding.Of([Accuracy(0.8, "latency at most 200 ms; be kind")], [report], s_price).Sentence,
            StringComparison.Ordinal
        );
        Assert.True(GoalStanding.Of([Accuracy(0.8, "latency at most 400 ms; be kind")], [report], s_price).IsReached);
    }

    [Fact]
    public void Of_GoalThatWasNotMeasured_SaysSo() =>
        Assert.StartsWith(
            "Not measured",
            GoalStanding
                .Of(
                    [new(Guid.Empty, GoalMetric.Benchmark, 0.2, "", new("Gsm8k", "exact_match_flexible", AtMost: false))],
                    [Report((0.9, 0.85, 0.95), 0.7)],
                    s_price
                )
                .Sentence,
            StringComparison.Ordinal
        );

    private static GoalView Accuracy(double target, string limits = "") => new(Guid.Empty, GoalMetric.Accuracy, target, limits);

    private static EvaluationReport Report((double Score, double Low, double High) tuned, double simple) =>
        new()
        {
            Rows = 100,
            Metric = "accuracy",
            Models =
            [
                new("base", ModelKind.Base, 0.1, 0.05, 0.15, 3, 20, 4, 1),
                new("run-1", ModelKind.Tuned, tuned.Score, tuned.Low, tuned.High, 1, 2, 4, 1),
                new("linear", ModelKind.Baseline, simple, simple - 0.05, simple + 0.05, null, null, null, 1),
            ],
        };
}
