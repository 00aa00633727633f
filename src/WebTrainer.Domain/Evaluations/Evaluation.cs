using WebTrainer.Domain.Runs;

namespace WebTrainer.Domain.Evaluations;

/// <summary>Base and runs judged on the same test rows.</summary>
public sealed class Evaluation
{
    public const int MaxRuns = 8;

    /// <summary>Its job's kind, as the workers' protocol names it.</summary>
    public const string JobKind = "evaluate";

    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public Guid ProjectId { get; private set; }
    public int Number { get; private set; }
    public Guid DatasetVersionId { get; private set; }
    public List<Guid> RunIds { get; private set; } = [];
    public string Spec { get; private set; } = "";
    public Guid JobId { get; private set; }
    public Job? Job { get; private set; }

    /// <summary>The worker's <c>EvaluationReport</c> as JSON, once it is done.</summary>
    public string? Report { get; private set; }
    public string CreatedBy { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }

    private Evaluation() { }

    public Evaluation(
        Guid projectId,
        int number,
        Guid datasetVersionId,
        IEnumerable<Guid> runIds,
        string spec,
        string createdBy,
        DateTimeOffset now,
        Guid id
    )
    {
        RunIds = [.. runIds.Distinct()];
        if (RunIds.Count is 0 or > MaxRuns)
        {
            throw new RuleViolationException($"Choose 1 to {MaxRuns} runs to evaluate.");
        }

        Id = id;
        ProjectId = projectId;
        Number = number;
        DatasetVersionId = datasetVersionId;
        Spec = spec;
        CreatedBy = createdBy;
        CreatedAt = now;
        // Every answer is kept as it comes.
        Job = new Job(projectId, JobKind, createdBy, now, goesOnFromAnywhere: true);
        JobId = Job.Id;
    }

    public void Finish(string report) => Report = report;
}
