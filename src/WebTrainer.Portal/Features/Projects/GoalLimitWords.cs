using WebTrainer.Domain.Projects;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Projects;

/// <summary>Limits of goals against what an evaluation measured.</summary>
public static class GoalLimitWords
{
    public const string Help =
        "Checked where an evaluation measures speed: latency at most 200 ms · next token at most 50 ms · speed at least 20 tokens/s · memory at most 500 MB · size at most 40 MB · "
        + "energy at most 2 J a token · cost at most 0.05 per 1,000 tokens. Other lines are shown to people.";

    /// <returns>Null where it was not measured, or is for people.</returns>
    public static GoalState? Judge(GoalLimit limit, EvaluationReport report, ModelFigures model, ProjectPrice price)
    {
        var speed = report.Speeds.FirstOrDefault(s => s.Model == model.Name);
        return limit.Judge(
            limit.Kind switch
            {
                LimitKind.FirstToken => speed?.FirstTokenP50,
                LimitKind.NextToken => speed?.NextTokenP50,
                LimitKind.TokensPerSecond => speed?.TokensPerSecond1,
                LimitKind.Memory => speed?.PeakBytes,
                LimitKind.Size => model.WeightBytes,
                LimitKind.Energy => speed?.JoulesPerToken,
                LimitKind.Cost => price.DeviceHour / 3600 / speed?.TokensPerSecond1 * 1000,
                _ => null,
            }
        );
    }
}
