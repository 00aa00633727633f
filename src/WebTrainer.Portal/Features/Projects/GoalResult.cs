using WebTrainer.Domain.Projects;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Projects;

/// <summary>Holds what a model reached against what was aimed at.</summary>
public static class GoalResult
{
    /// <returns>Null where the figure was not measured.</returns>
    public static GoalState? Judge(GoalView goal, EvaluationReport report, ModelFigures model) =>
        goal.Metric switch
        {
            GoalMetric.Accuracy => Goal.Judge(goal.Metric, goal.Target, model.ScoreLow, model.ScoreHigh),
            GoalMetric.Perplexity => model.AnswerPerplexity is { } perplexity
                ? Goal.Judge(goal.Metric, goal.Target, perplexity, perplexity)
                : null,
            GoalMetric.Benchmark => OfBenchmark(goal, goal.Aim!, report, model),
            _ => Forgotten(report, model) is { } rise ? Goal.Judge(goal.Metric, goal.Target, rise, rise) : null,
        };

    /// <summary>Rise of the loss on general text against the base; null where one of them has none.</summary>
    public static double? Forgotten(EvaluationReport report, ModelFigures model) =>
        model.GeneralLoss - report.Models.FirstOrDefault(m => m.Name == EvaluationReport.BaseName)?.GeneralLoss;

    /// <summary>
    /// Where a benchmark was asked in several ways, the goal is reached only if each of them reaches it, and missed if one surely does not.
    /// </summary>
    private static GoalState? OfBenchmark(GoalView goal, BenchmarkAim aim, EvaluationReport report, ModelFigures model)
    {
        List<GoalState> states =
        [
            .. from benchmark in report.Benchmarks
            where benchmark.Spec.Kind.ToString() == aim.Benchmark && benchmark.Refusal is null
            from figures in benchmark.Models
            where figures.Model == model.Name
            from metric in figures.Metrics
            where metric.Name == aim.Metric && metric.Count > 0
            select Goal.Judge(goal.Metric, goal.Target, metric.Low, metric.High, aim),
        ];
        return states.Count == 0 ? null
            : states.Contains(GoalState.Missed) ? GoalState.Missed
            : states.Contains(GoalState.Undecided) ? GoalState.Undecided
            : GoalState.Met;
    }
}
