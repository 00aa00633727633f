namespace WebTrainer.Domain.Projects;

public enum GoalMetric
{
    /// <summary>Share of right answers on the test split.</summary>
    Accuracy,

    /// <summary>exp of the answers' mean loss on the test split.</summary>
    Perplexity,

    /// <summary>Rise of the loss on general text against the base, in nats: what may be forgotten.</summary>
    GeneralLossRise,
}

public enum GoalState
{
    Met,
    Missed,

    /// <summary>The result lies too near the target to be sure.</summary>
    Undecided,
}

/// <summary>A measurable aim, set before the work and shown beside each result.</summary>
public sealed class Goal
{
    public const int MaxLimitsLength = 1000;

    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public Guid ProjectId { get; private set; }
    public GoalMetric Metric { get; private set; }

    /// <summary>Accuracy as a share from 0 to 1; the others in their own unit.</summary>
    public double Target { get; private set; }

    /// <summary>Limits that a result must keep (latency, cost, rules for data), in the team's words.</summary>
    public string Limits { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }

    private Goal()
    {
    }

    public Goal(Guid projectId, GoalMetric metric, double target, string limits, DateTimeOffset now)
    {
        ProjectId = projectId;
        CreatedAt = now;
        Change(metric, target, limits);
    }

    public void Change(GoalMetric metric, double target, string limits)
    {
        if (!double.IsFinite(target) || target < 0)
            throw new RuleViolationException("A goal's target is a number of 0 or more.");
        if (metric == GoalMetric.Accuracy && target > 1)
            throw new RuleViolationException("An accuracy target lies between 0 and 1 (0 to 100 %).");
        if (limits.Length > MaxLimitsLength)
            throw new RuleViolationException($"The limits have at most {MaxLimitsLength} characters.");
        Metric = metric;
        Target = target;
        Limits = limits.Trim();
    }

    /// <summary>Holds a result against a target: met or missed only where its whole interval lies on one side.</summary>
    /// <param name="low">Lower end of the result's 95 % interval; the result itself where it has none.</param>
    /// <param name="high">Upper end; the result itself where it has none.</param>
    public static GoalState Judge(GoalMetric metric, double target, double low, double high) => metric == GoalMetric.Accuracy
        ? low >= target ? GoalState.Met : high < target ? GoalState.Missed : GoalState.Undecided
        : high <= target ? GoalState.Met : low > target ? GoalState.Missed : GoalState.Undecided;
}
