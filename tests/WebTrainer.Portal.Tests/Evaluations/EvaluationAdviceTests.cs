using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Features.Evaluations.Advice;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Evaluations;

/// <summary>Advice after an evaluation: each rule holds where its facts do, and only there.</summary>
public sealed class EvaluationAdviceTests
{
    private static readonly Guid s_run = Guid.NewGuid();
    private static readonly ModelFigures s_base = new(EvaluationReport.BaseName, ModelKind.Base, 0.3, 0.25, 0.35, null, null, null, 1);

    [Fact]
    public void NoGoal_SetOne() => Assert.Contains("Set a goal", Of(Tuned(0.8, 0.75, 0.85)));

    [Fact]
    public void SimpleMethodAsGood_SaysSoFirst() =>
        Assert.Equal(
            "Take “naive Bayes”, or give the model more rows",
            Of(Tuned(0.8, 0.75, 0.85), [Accuracy(0.5)], new("naive Bayes", ModelKind.Baseline, 0.8, 0.7, 0.9, null, null, null, 1))[0]
        );

    [Fact]
    public void Missed_WeakLabelsWithEnoughRows_WeakestFirst_ThenTheRun()
    {
        var tuned = Tuned(0.5, 0.45, 0.55) with
        {
            Labels = new(
                0.5,
                0.4,
                0.6,
                [new("card", 20, 1, 0.4, 0.5), new("cash", 20, 1, 0.2, 0.3), new("rare", 4, 1, 0, 0), new("good", 50, 1, 0.9, 0.9)],
                []
            ),
        };
        Assert.Equal(
            ["Label more rows of “cash”", "Label more rows of “card”", "See what the run of run-1 advises"],
            Of(tuned, [Accuracy(0.9)])
        );
    }

    /// <summary>p = 0.8 against 0.85: 3.8415 · 0.16 / 0.0025 = 246 rows.</summary>
    [Fact]
    public void Undecided_SaysHowManyRowsWouldTell()
    {
        var step = Assert.Single(
            EvaluationAdvice.Of(Report(Tuned(0.8, 0.7, 0.9)), [Accuracy(0.85)], new(null, "EUR"), Runs(), path => path),
            s => s.What == "Judge on more test rows"
        );
        Assert.Contains("about 246 rows would tell", step.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void GoalOnLatencyWithoutSpeed_JudgeAgain() =>
        Assert.Contains("Judge again with speed", Of(Tuned(0.8, 0.75, 0.85), [new(Guid.NewGuid(), GoalMetric.Latency, 0.2, "")]));

    [Fact]
    public void SurelyBetterAndAllGoalsMet_GiveItToPrograms() =>
        Assert.Equal(["Give programs run-1"], Of(Tuned(0.8, 0.75, 0.85), [Accuracy(0.7)], better: true));

    [Fact]
    public void SurelyBetterButAGoalMissed_TryItBesideItsBase() =>
        Assert.Equal(
            ["See what the run of run-1 advises", "Try run-1 beside its base"],
            Of(Tuned(0.8, 0.75, 0.85), [Accuracy(0.9)], better: true)
        );

    private static ModelFigures Tuned(double score, double low, double high) =>
        new("run-1", ModelKind.Tuned, score, low, high, null, null, null, 1);

    private static GoalView Accuracy(double target) => new(Guid.NewGuid(), GoalMetric.Accuracy, target, "");

    private static Dictionary<string, Guid> Runs() => new() { ["run-1"] = s_run };

    private static EvaluationReport Report(ModelFigures tuned, ModelFigures? simple = null, bool better = false) =>
        new()
        {
            Rows = 100,
            Metric = "accuracy",
            Models = simple is null ? [s_base, tuned] : [s_base, simple, tuned],
            Comparisons = better ? [new("base", "run-1", Comparison.ByRight, 2, 50, 0.48, 0.4, 0.55, 0.0001, null)] : [],
        };

    private static IReadOnlyList<string> Of(
        ModelFigures tuned,
        IReadOnlyList<GoalView>? goals = null,
        ModelFigures? simple = null,
        bool better = false
    ) => [.. EvaluationAdvice.Of(Report(tuned, simple, better), goals ?? [], new(null, "EUR"), Runs(), path => path).Select(s => s.What)];
}
