using WebTrainer.Domain.Projects;

namespace WebTrainer.Portal.Features.Projects;

/// <summary>What of a project's goals can't hold together, or says the same twice.</summary>
public static class GoalContradictions
{
    /// <returns>A sentence each; empty where the goals go together.</returns>
    public static IReadOnlyList<string> Of(IReadOnlyList<GoalView> goals) => [.. Twice(goals), .. Kinds(goals), .. Limits(goals)];

    private static IEnumerable<string> Twice(IReadOnlyList<GoalView> goals) =>
        from goal in goals
        group goal by GoalWords.Title(goal) into same
        where same.Count() > 1
        let strictest = GoalMetrics.IsAtMost(same.First().Metric, same.First().Aim)
            ? same.MinBy(g => g.Target)!
            : same.MaxBy(g => g.Target)!
        select $"Two goals are on “{same.Key}”: {GoalWords.Target(strictest.Metric, strictest.Target, strictest.Aim)} decides. Remove the other.";

    private static IEnumerable<string> Kinds(IReadOnlyList<GoalView> goals)
    {
        var (labels, texts) = (
            goals.FirstOrDefault(g => GoalMetrics.NeedsLabels(g.Metric)),
            goals.FirstOrDefault(g => GoalMetrics.NeedsTexts(g.Metric))
        );
        if (labels is not null && texts is not null)
        {
            yield return $"“{GoalWords.Title(labels)}” is measured where labels are a closed set, “{GoalWords.Title(texts)}” where answers are free text: one test set can't show both.";
        }
    }

    private static IEnumerable<string> Limits(IReadOnlyList<GoalView> goals) =>
        from limit in goals.SelectMany(g => GoalLimit.ReadAll(g.Limits)).Where(l => l.IsChecked)
        group limit by limit.Kind into same
        let most = same.Where(l => l.AtMost).MinBy(l => l.Value)
        let least = same.Where(l => !l.AtMost).MaxBy(l => l.Value)
        where most is not null && least is not null && least.Value > most.Value
        select $"No model can keep both “{most.Text}” and “{least.Text}”.";
}
