using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Evaluations.Advice;

/// <summary>What to do after an evaluation, by rules on its figures and the project's goals.</summary>
public static class EvaluationAdvice
{
    /// <summary>z of a two-sided 95 % interval, squared.</summary>
    private const double Z2 = 3.8415;

    /// <summary>A label is weak where fewer of its rows are found.</summary>
    private const double WeakRecall = 0.6;

    /// <summary>Of fewer test rows nothing is said about a label.</summary>
    private const int FewestRows = 5;
    private const int MostLabels = 3;

    /// <param name="address">Of a page in the project.</param>
    /// <param name="runs">Of each tuned model its run.</param>
    public static IReadOnlyList<NextStep> Of(
        EvaluationReport report,
        IReadOnlyList<GoalView> goals,
        ProjectPrice price,
        IReadOnlyDictionary<string, Guid> runs,
        Func<string, string> address
    )
    {
        var best = report.Models.Where(m => m.Kind == ModelKind.Tuned).MaxBy(m => m.Texts?.TokenF1 ?? m.Score);
        if (best is null)
        {
            return [];
        }

        var states = goals.Select(goal => (Goal: goal, State: GoalResult.Judge(goal, report, best, price))).ToList();
        return
        [
            .. Simple(report, best),
            .. goals.Count == 0 ? [NoGoal(address)] : Array.Empty<NextStep>(),
            .. Missed(report, best, states, runs, address),
            .. Undecided(report, best, states),
            .. Unmeasured(states, report, address),
            .. Reached(report, best, states, runs, address),
        ];
    }

    private static IEnumerable<NextStep> Simple(EvaluationReport report, ModelFigures best)
    {
        var simple = report.Models.Where(m => m.Kind == ModelKind.Baseline).MaxBy(Score);
        if (simple is not null && Score(simple) >= Score(best))
        {
            yield return new(
                $"Take “{simple.Name}”, or give the model more rows",
                $"“{simple.Name}” reaches {Format.Percent(Score(simple))} on the same rows, {best.Name} {Format.Percent(Score(best))}: a tuned model that doesn't beat it isn't worth its cost."
            );
        }
    }

    private static NextStep NoGoal(Func<string, string> address) =>
        new("Set a goal", "Without a target nobody can say whether these figures are good enough.", address("goals"));

    private static IEnumerable<NextStep> Missed(
        EvaluationReport report,
        ModelFigures best,
        List<(GoalView Goal, GoalState? State)> states,
        IReadOnlyDictionary<string, Guid> runs,
        Func<string, string> address
    )
    {
        var missed = states.FindAll(s => s.State == GoalState.Missed);
        if (missed.Count == 0)
        {
            yield break;
        }

        foreach (var label in Weak(best))
        {
            yield return new(
                $"Label more rows of “{label.Label}”",
                $"It is found in {Format.Percent(label.Recall, 0)} of its {Format.Count(label.Rows, "test row")}, and {GoalWords.Sentence(missed[0].Goal)} is missed.",
                address("labels")
            );
        }

        if (runs.TryGetValue(best.Name, out var run))
        {
            yield return new(
                $"See what the run of {best.Name} advises",
                "Its curves say whether more epochs, another learning rate or a patience would help.",
                address($"runs/{run}")
            );
        }
    }

    private static IEnumerable<LabelFigure> Weak(ModelFigures best) =>
        (best.Labels?.Labels ?? []).Where(l => l.Rows >= FewestRows && l.Recall < WeakRecall).OrderBy(l => l.Recall).Take(MostLabels);

    // Rows at which the interval of the share that was seen would no longer hold the target: n > z² p(1 - p) / (p - t)².
    private static IEnumerable<NextStep> Undecided(
        EvaluationReport report,
        ModelFigures best,
        List<(GoalView Goal, GoalState? State)> states
    )
    {
        if (states.Find(s => s is { State: GoalState.Undecided, Goal.Metric: GoalMetric.Accuracy }).Goal is not { } goal)
        {
            yield break;
        }

        var needed = Z2 * best.Score * (1 - best.Score) / Math.Pow(best.Score - goal.Target, 2);
        yield return new(
            "Judge on more test rows",
            double.IsFinite(needed) && needed < 1_000_000
                ? $"{Format.Percent(best.Score)} of {Format.Count(report.Rows, "test row")} lies too near {Format.Percent(goal.Target)} to be sure; about {Format.Count((long)Math.Ceiling(needed))} rows would tell."
                : $"{Format.Percent(best.Score)} lies too near {Format.Percent(goal.Target)} to be sure with any number of rows that one could label."
        );
    }

    private static IEnumerable<NextStep> Unmeasured(
        List<(GoalView Goal, GoalState? State)> states,
        EvaluationReport report,
        Func<string, string> address
    )
    {
        if (report.Speeds.Count == 0 && states.Exists(s => s is { State: null, Goal.Metric: GoalMetric.Latency or GoalMetric.Cost }))
        {
            yield return new(
                "Judge again with speed",
                "A goal is on latency or cost, and this evaluation didn't measure speed.",
                address("evaluations")
            );
        }
    }

    private static IEnumerable<NextStep> Reached(
        EvaluationReport report,
        ModelFigures best,
        List<(GoalView Goal, GoalState? State)> states,
        IReadOnlyDictionary<string, Guid> runs,
        Func<string, string> address
    )
    {
        var surelyBetter = report.Comparisons.Any(c =>
            c.First == EvaluationReport.BaseName && c.Second == best.Name && c is { IsSure: true, Difference: > 0 }
        );
        if (surelyBetter && states.Count > 0 && states.TrueForAll(s => s.State == GoalState.Met))
        {
            yield return new(
                $"Give programs {best.Name}",
                $"It is surely better than its base, and {(states.Count == 1 ? "the goal is" : $"all {states.Count} goals are")} met.",
                address("deploy")
            );
        }
        else if (surelyBetter && runs.TryGetValue(best.Name, out var run))
        {
            yield return new(
                $"Try {best.Name} beside its base",
                "It is surely better than its base; read some answers before you decide.",
                address($"playground?run={run}")
            );
        }
    }

    private static double Score(ModelFigures model) => model.Texts?.TokenF1 ?? model.Score;
}
