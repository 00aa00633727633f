using System.Text.Json;
using WebTrainer.Domain.Runs;
using WebTrainer.Domain.Searches;
using WebTrainer.Protocol;
using WebTrainer.Search;

namespace WebTrainer.Portal.Features.Searches;

/// <summary>Stored trials as sampler and pruner see them.</summary>
public static class TrialHistory
{
    /// <param name="metrics">Of the trials' jobs, by job, in order.</param>
    public static IReadOnlyList<Trial> Of(SearchRequest request, IEnumerable<SearchTrial> trials, ILookup<Guid, JobMetric> metrics) =>
        [
            .. trials
                .OrderBy(t => t.Number)
                .Select(t => new Trial(t.Number, Point(t), StateOf(t), t.Value)
                {
                    Curve = t.Run?.Job is { } job ? Curve(request.Objective, job, metrics[job.Id]) : [],
                }),
        ];

    public static IReadOnlyDictionary<string, double> Point(SearchTrial trial) =>
        JsonSerializer.Deserialize<Dictionary<string, double>>(trial.Point, ProtocolJson.Line)!;

    public static string Write(IReadOnlyDictionary<string, double> point) => JsonSerializer.Serialize(point, ProtocolJson.Line);

    /// <summary>What a point of a run's curve is worth; lower is better.</summary>
    public static double? ValueOf(SearchObjective objective, JobMetric metric) =>
        objective == SearchObjective.Accuracy ? 1 - metric.Accuracy : metric.ValidationLoss;

    /// <summary>What a run that has ended is worth: its last validation, or its best where early stopping keeps that.</summary>
    public static double? ValueOf(SearchRequest request, IEnumerable<JobMetric> metrics)
    {
        var values = metrics.Select(m => ValueOf(request.Objective, m)).OfType<double>().ToList();
        return values.Count == 0 ? null
            : request.Run.Training.Patience > 0 ? values.Min()
            : values[^1];
    }

    private static List<(double Share, double Value)> Curve(SearchObjective objective, Job job, IEnumerable<JobMetric> metrics)
    {
        // A loss that ran away is stored without its value: here it is worse than all.
        var validations = metrics.Where(m => m.Loss is null && m.LearningRate is null);
        return
        [
            .. validations.Select(m =>
                (Math.Min(1, m.Step / (double)Math.Max(1, job.TotalSteps)), ValueOf(objective, m) ?? double.PositiveInfinity)
            ),
        ];
    }

    private static TrialState StateOf(SearchTrial trial) =>
        trial.Outcome switch
        {
            TrialOutcome.Running => TrialState.Running,
            TrialOutcome.Completed => TrialState.Completed,
            TrialOutcome.Failed => TrialState.Failed,
            _ => trial.Value is null ? TrialState.Failed : TrialState.Pruned,
        };
}
