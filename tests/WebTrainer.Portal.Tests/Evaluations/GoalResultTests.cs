using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Features.Benchmarks;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Portal.Features.Evaluations.Benchmarks;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Evaluations;

public sealed class GoalResultTests
{
    [Theory]
    [InlineData("Gsm8k", "exact_match_flexible", 0.20, false, 0.21, 0.30, GoalState.Met)]
    [InlineData("Gsm8k", "exact_match_flexible", 0.20, false, 0.10, 0.19, GoalState.Missed)]
    [InlineData("Gsm8k", "exact_match_flexible", 0.20, false, 0.15, 0.25, GoalState.Undecided)]
    [InlineData("Leakage", "verbatim", 0.02, true, 0.00, 0.01, GoalState.Met)]
    [InlineData("Leakage", "verbatim", 0.02, true, 0.03, 0.09, GoalState.Missed)]
    [InlineData("Leakage", "verbatim", 0.02, true, 0.01, 0.04, GoalState.Undecided)]
    public void Benchmark_IsMetOrMissedByItsWholeInterval(
        string benchmark,
        string metric,
        double target,
        bool atMost,
        double low,
        double high,
        GoalState expected
    ) => Assert.Equal(expected, Judge(new BenchmarkAim(benchmark, metric, atMost), target, (benchmark, metric, low, high, 50)));

    [Fact]
    public void Benchmark_NotAsked_OrOfNoQuestion_IsNotMeasured()
    {
        var aim = new BenchmarkAim("Refusal", "refused", AtMost: false);
        Assert.Null(Judge(aim, 0.95));
        Assert.Null(Judge(aim, 0.95, ("RedTeam", "refused", 0.99, 1, 50)));
        Assert.Null(Judge(aim, 0.95, ("Refusal", "refused", 0.99, 1, 0)));
    }

    [Fact]
    public void Benchmark_AskedInSeveralWays_HasToReachItInEach()
    {
        var aim = new BenchmarkAim("Mmlu", "acc", AtMost: false);
        Assert.Equal(GoalState.Missed, Judge(aim, 0.3, ("Mmlu", "acc", 0.4, 0.5, 50), ("Mmlu", "acc", 0.1, 0.2, 50)));
        Assert.Equal(GoalState.Undecided, Judge(aim, 0.3, ("Mmlu", "acc", 0.4, 0.5, 50), ("Mmlu", "acc", 0.2, 0.4, 50)));
        Assert.Equal(GoalState.Met, Judge(aim, 0.3, ("Mmlu", "acc", 0.4, 0.5, 50), ("Mmlu", "acc", 0.3, 0.4, 50)));
    }

    [Fact]
    public void EveryFigureThatAGoalOffers_HasWords()
    {
        foreach (var kind in Enum.GetValues<BenchmarkKind>())
        {
            Assert.All(BenchmarkMetrics.Of(kind), metric => Assert.True(BenchmarkWords.Metric(metric).Meaning.Length > 0, metric));
        }

        var goal = new GoalView(
            Guid.Empty,
            GoalMetric.Benchmark,
            0.2,
            "",
            new BenchmarkAim("Gsm8k", "exact_match_flexible", BenchmarkMetrics.IsUpperLimit("exact_match_flexible"))
        );
        Assert.Equal("GSM8K: Right, flexible at least 20.0 %", GoalWords.Sentence(goal));
    }

    private static GoalState? Judge(
        BenchmarkAim aim,
        double target,
        params (string Kind, string Metric, double Low, double High, int Count)[] found
    )
    {
        var model = new ModelFigures("run-1", ModelKind.Tuned, 0, 0, 0, null, null, null, 1);
        var report = new EvaluationReport
        {
            Rows = 1,
            Metric = "accuracy",
            Models = [model],
            Benchmarks =
            [
                .. found.Select(f => new BenchmarkReport(
                    new BenchmarkSpec { Kind = Enum.Parse<BenchmarkKind>(f.Kind), Name = "b" },
                    f.Count,
                    f.Metric,
                    [new("run-1", [new(f.Metric, (f.Low + f.High) / 2, f.Low, f.High, f.Count)], [])],
                    []
                )),
            ],
        };
        return GoalResult.Judge(new GoalView(Guid.Empty, GoalMetric.Benchmark, target, "", aim), report, model);
    }
}
