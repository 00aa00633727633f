using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Features.Benchmarks;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Portal.Features.Evaluations.Benchmarks;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Evaluations;

public sealed class GoalResultTests
{
    private static readonly ProjectPrice s_price = new(3.6, "EUR");

    [Theory]
    [InlineData(0.60, GoalState.Met)]
    [InlineData(0.70, GoalState.Undecided)]
    [InlineData(0.80, GoalState.Missed)]
    public void MacroF1_ByItsInterval(double target, GoalState expected) =>
        Assert.Equal(expected, Of(GoalMetric.MacroF1, target, Tuned with { Labels = new(0.7, 0.65, 0.75, [], []) }));

    /// <summary>19 of 20 rows: Wilson's interval is 0.764 to 0.991.</summary>
    [Theory]
    [InlineData("refund", 0.76, GoalState.Met)]
    [InlineData("refund", 0.77, GoalState.Undecided)]
    [InlineData("refund", 0.995, GoalState.Missed)]
    [InlineData("unknown", 0.5, null)]
    public void LabelRecall_ByItsRows(string label, double target, GoalState? expected) =>
        Assert.Equal(
            expected,
            Of(
                GoalMetric.LabelRecall,
                target,
                Tuned with
                {
                    Labels = new(0.7, 0.6, 0.8, [new("refund", 20, 1, 0.95, 0.97)], []),
                },
                label: label
            )
        );

    [Fact]
    public void TokenF1AndRouge_OnlyOfFreeText()
    {
        var texts = Tuned with { Texts = new(0.5, 0.6, 0.55, 0.65, 0.58, 0.7) };
        Assert.Equal(GoalState.Met, Of(GoalMetric.TokenF1, 0.55, texts));
        Assert.Equal(GoalState.Undecided, Of(GoalMetric.TokenF1, 0.6, texts));
        Assert.Equal(GoalState.Missed, Of(GoalMetric.RougeL, 0.6, texts));
        Assert.Null(Of(GoalMetric.TokenF1, 0.5, Tuned));
    }

    /// <summary>3.60 an hour are 0.001 a second: at 20 tokens/s 1,000 tokens cost 0.05.</summary>
    [Fact]
    public void LatencyAndCost_WhereSpeedWasMeasured()
    {
        var report = new EvaluationReport
        {
            Rows = 1,
            Metric = "accuracy",
            Models = [Tuned],
            Speeds = [new("run-1", "cpu", 0.1, 0.3, 0.05, 0.06, 20, 60, 0, null)],
        };
        Assert.Equal(GoalState.Met, Of(GoalMetric.Latency, 0.3, Tuned, report));
        Assert.Equal(GoalState.Missed, Of(GoalMetric.Latency, 0.29, Tuned, report));
        Assert.Equal(GoalState.Met, Of(GoalMetric.Cost, 0.0501, Tuned, report));
        Assert.Equal(GoalState.Missed, Of(GoalMetric.Cost, 0.0499, Tuned, report));
        Assert.Null(Of(GoalMetric.Cost, 1, Tuned));
    }

    [Theory]
    [InlineData(0.01, 0.10, GoalState.Met)]
    [InlineData(-0.02, 0.05, GoalState.Undecided)]
    [InlineData(-0.10, -0.01, GoalState.Missed)]
    public void AheadOfSimple_ByThePairedInterval(double low, double high, GoalState expected)
    {
        var simple = new ModelFigures("naive Bayes", ModelKind.Baseline, 0.7, 0.6, 0.8, null, null, null, 1);
        var report = new EvaluationReport
        {
            Rows = 100,
            Metric = "accuracy",
            Models = [simple, Tuned],
            Comparisons = [new("naive Bayes", "run-1", Comparison.ByRight, 1, 2, (low + high) / 2, low, high, 0.01, null)],
        };
        Assert.Equal(expected, Of(GoalMetric.AheadOfSimple, 0, Tuned, report));
    }

    [Fact]
    public void EveryMetric_HasNameExplanationTargetAndUnit() =>
        Assert.All(
            Enum.GetValues<GoalMetric>().Where(m => m != GoalMetric.Benchmark),
            metric =>
            {
                Assert.True(GoalWords.Name(metric).Length > 0);
                Assert.True(GoalWords.Explain(metric).Length > 0);
                Assert.Matches("at (least|most)", GoalWords.Target(metric, 0.5));
            }
        );

    [Fact]
    public void Contradictions_AreTold_EachInASentence()
    {
        GoalView Goal(GoalMetric metric, double target, string limits = "") => new(Guid.NewGuid(), metric, target, limits);
        Assert.Empty(GoalContradictions.Of([Goal(GoalMetric.Accuracy, 0.9), Goal(GoalMetric.MacroF1, 0.8)]));
        Assert.Equal(
            ["Two goals are on “Right answers on the test rows”: at least 90.0 % decides. Remove the other."],
            GoalContradictions.Of([Goal(GoalMetric.Accuracy, 0.8), Goal(GoalMetric.Accuracy, 0.9)])
        );
        Assert.Contains(
            "one test set can't show both",
            Assert.Single(GoalContradictions.Of([Goal(GoalMetric.MacroF1, 0.8), Goal(GoalMetric.RougeL, 0.5)])),
            StringComparison.Ordinal
        );
        Assert.Equal(
            ["No model can keep both “memory at most 100 MB” and “memory at least 200 MB”."],
            GoalContradictions.Of([Goal(GoalMetric.Accuracy, 0.8, "memory at most 100 MB\nmemory at least 200 MB")])
        );
    }

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
        return GoalResult.Judge(new GoalView(Guid.Empty, GoalMetric.Benchmark, target, "", aim), report, model, s_price);
    }

    private static ModelFigures Tuned { get; } = new("run-1", ModelKind.Tuned, 0.8, 0.75, 0.85, null, null, null, 1);

    private static GoalState? Of(
        GoalMetric metric,
        double target,
        ModelFigures model,
        EvaluationReport? report = null,
        string? label = null
    ) =>
        GoalResult.Judge(
            new GoalView(Guid.Empty, metric, target, "", null, label),
            report
                ?? new EvaluationReport
                {
                    Rows = 100,
                    Metric = "accuracy",
                    Models = [model],
                },
            model,
            s_price
        );
}
