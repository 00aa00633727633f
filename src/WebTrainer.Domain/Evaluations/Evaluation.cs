using WebTrainer.Domain.Runs;

namespace WebTrainer.Domain.Evaluations;

/// <summary>Base and runs judged on the same test rows.</summary>
public sealed class Evaluation
{
    /// <summary>Runs beside the base that one evaluation can judge.</summary>
    public const int MaxRuns = 8;

    /// <summary>Its job's kind, as the workers' protocol names it.</summary>
    public const string JobKind = "evaluate";

    /// <summary>Given by who makes it; people say its number.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>With <see cref="Number"/> unique.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>From the project's count, which runs and searches share.</summary>
    public int Number { get; private set; }

    /// <summary>The version whose test split is asked; it need not be the one that the runs were trained on.</summary>
    public Guid DatasetVersionId { get; private set; }

    /// <summary>Each once, in the order in which they were given; 1 to <see cref="MaxRuns"/>.</summary>
    public List<Guid> RunIds { get; private set; } = [];

    /// <summary>All that the worker is told, as JSON.</summary>
    public string Spec { get; private set; } = "";

    /// <summary>There from the beginning: an evaluation needs no approval.</summary>
    public Guid JobId { get; private set; }

    /// <summary>Null where it was not read along.</summary>
    public Job? Job { get; private set; }

    /// <summary>The worker's <c>EvaluationReport</c> as JSON, once it is done.</summary>
    public string? Report { get; private set; }

    /// <summary>User id of who asked for it.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>When it was asked for; its job's times are its work's.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    private Evaluation() { }

    /// <summary>Makes its job too, which needs nobody's approval.</summary>
    /// <param name="projectId">The project it is in.</param>
    /// <param name="number">From <see cref="Projects.Project.TakeNumber"/>.</param>
    /// <param name="datasetVersionId">The version whose test split is asked.</param>
    /// <param name="runIds">Doubles are left out.</param>
    /// <param name="spec">All that the worker is told, as JSON.</param>
    /// <param name="createdBy">User id of who makes it.</param>
    /// <param name="now">When it is asked for and its job comes into the queue.</param>
    /// <param name="id">Given by the caller, so that the spec can name it before it is stored.</param>
    /// <exception cref="RuleViolationException">There is no run, or more than <see cref="MaxRuns"/>.</exception>
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

    /// <summary>Keeps the report when the job has completed; the job's state is set elsewhere.</summary>
    public void Finish(string report) => Report = report;
}
