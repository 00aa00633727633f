using WebTrainer.Domain.Projects;
using WebTrainer.Protocol;
using WebTrainer.Statistics;

namespace WebTrainer.Portal.Features.Projects;

/// <summary>Holds what a model reached against what was aimed at.</summary>
public static class GoalResult
{
    /// <param name="price">Of a device hour, for goals on cost.</param>
    /// <returns>Null where the figure was not measured.</returns>
    public static GoalState? Judge(GoalView goal, EvaluationReport report, ModelFigures model, ProjectPrice price) =>
        goal.Metric == GoalMetric.Benchmark ? OfBenchmark(goal, goal.Aim!, report, model)
        : Figure(goal, report, model, price) is { } figure ? Goal.Judge(goal.Metric, goal.Target, figure.Low, figure.High)
        : null;

    /// <summary>What was measured, with its 95 % interval; both ends the figure itself where it has none, null where it was not.</summary>
    private static (double Low, double High)? Figure(GoalView goal, EvaluationReport report, ModelFigures model, ProjectPrice price)
    {
        var speed = report.Speeds.FirstOrDefault(s => s.Model == model.Name);
        return goal.Metric switch
        {
            GoalMetric.Accuracy => (model.ScoreLow, model.ScoreHigh),
            GoalMetric.Perplexity => Alone(model.AnswerPerplexity),
            GoalMetric.GeneralLossRise => Alone(Forgotten(report, model)),
            GoalMetric.MacroF1 => model.Labels is { } labels ? (labels.MacroF1Low, labels.MacroF1High) : null,
            GoalMetric.LabelRecall => model.Labels?.Labels.FirstOrDefault(l => l.Label == goal.Label) is { Rows: > 0 } label
                ? Recall(label)
                : null,
            GoalMetric.TokenF1 => model.Texts is { } texts ? (texts.TokenF1Low, texts.TokenF1High) : null,
            GoalMetric.RougeL => Alone(model.Texts?.RougeL),
            GoalMetric.Latency => Alone(speed?.FirstTokenP95),
            GoalMetric.Cost => Alone(price.DeviceHour / 3600 / speed?.TokensPerSecond1 * 1000),
            GoalMetric.AheadOfSimple => Ahead(report, model),
            _ => throw new ArgumentOutOfRangeException(nameof(goal), goal.Metric, null),
        };
    }

    private static (double Low, double High)? Alone(double? figure) =>
        figure is { } value && double.IsFinite(value) ? (value, value) : null;

    private static (double Low, double High) Recall(LabelFigure label)
    {
        var interval = Wilson.OfShare(label.Recall, label.Rows);
        return (interval.Low, interval.High);
    }

    // The best simple method is the one that a tuned model is compared with.
    private static (double Low, double High)? Ahead(EvaluationReport report, ModelFigures model)
    {
        var simple = report.Models.Where(m => m.Kind == ModelKind.Baseline).Select(m => m.Name).ToHashSet();
        var compared = report.Comparisons.FirstOrDefault(c => c.Second == model.Name && simple.Contains(c.First));
        return compared is null ? null : (compared.Low, compared.High);
    }

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
