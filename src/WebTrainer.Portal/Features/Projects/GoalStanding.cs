using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Projects;

/// <summary>Whether a project's tuned models are where they were to be.</summary>
/// <param name="Open">Goals that no tuned model surely meets, with what is known of each, in order of the goals.</param>
/// <param name="Broken">Limits of goals that every tuned model that was measured breaks.</param>
/// <param name="Leader">The simple method that is right more often than every tuned model of the newest evaluation; null where there is
/// none.</param>
public sealed record GoalStanding(IReadOnlyList<(GoalView Goal, GoalState? State)> Open, IReadOnlyList<GoalLimit> Broken, string? Leader)
{
    /// <summary>Evaluations that are looked through for a figure of a goal, from the newest.</summary>
    public const int MostReports = 20;

    public bool IsReached => Open.Count == 0 && Broken.Count == 0 && Leader is null;

    /// <summary>What is missing; empty where nothing is.</summary>
    public string Sentence =>
        string.Join(
            ' ',
            (string[])
                [
                    .. Open.Select(open => $"{Word(open.State)}: {GoalWords.Sentence(open.Goal)}."),
                    .. Broken.Select(limit => $"Limit missed: {limit.Text}."),
                    .. Leader is null ? [] : new[] { Leader },
                ]
        );

    /// <param name="reports">From the newest.</param>
    public static GoalStanding Of(IReadOnlyList<GoalView> goals, IReadOnlyList<EvaluationReport> reports, ProjectPrice price) =>
        new(
            [
                .. goals
                    .Select(goal => (goal, State: Newest(reports, (report, model) => GoalResult.Judge(goal, report, model, price))))
                    .Where(goal => goal.State != GoalState.Met),
            ],
            [
                .. goals
                    .SelectMany(goal => GoalLimit.ReadAll(goal.Limits))
                    .DistinctBy(limit => limit.Text)
                    .Where(limit =>
                        Newest(reports, (report, model) => GoalLimitWords.Judge(limit, report, model, price)) == GoalState.Missed
                    ),
            ],
            reports.Count == 0 ? null : LeaderOf(reports[0])
        );

    /// <summary>In the newest evaluation that measured it, of the tuned model that comes nearest.</summary>
    private static GoalState? Newest(IReadOnlyList<EvaluationReport> reports, Func<EvaluationReport, ModelFigures, GoalState?> judge) =>
        reports
            .Select(report =>
                Best([
                    .. report
                        .Models.Where(model => model.Kind == ModelKind.Tuned)
                        .Select(model => judge(report, model))
                        .OfType<GoalState>(),
                ])
            )
            .FirstOrDefault(state => state is not null);

    private static GoalState? Best(IReadOnlyList<GoalState> states) =>
        states.Count == 0 ? null
        : states.Contains(GoalState.Met) ? GoalState.Met
        : states.Contains(GoalState.Undecided) ? GoalState.Undecided
        : GoalState.Missed;

    private static string? LeaderOf(EvaluationReport report)
    {
        // Free text is seldom right to the letter: it is held by words in common.
        double Score(ModelFigures model) => model.Texts?.TokenF1 ?? model.Score;
        var tuned = report.Models.Where(model => model.Kind == ModelKind.Tuned).MaxBy(Score);
        var simple = report.Models.Where(model => model.Kind == ModelKind.Baseline).MaxBy(Score);
        return tuned is not null && simple is not null && Score(simple) > Score(tuned)
            ? $"The simple method “{simple.Name}” leads: {Format.Percent(Score(simple))} against {Format.Percent(Score(tuned))}."
            : null;
    }

    private static string Word(GoalState? state) =>
        state switch
        {
            GoalState.Missed => "Missed",
            GoalState.Undecided => "Undecided",
            _ => "Not measured",
        };
}
