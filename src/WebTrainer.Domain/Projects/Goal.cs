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

    public bool IsMetBy(double value) => Metric == GoalMetric.Accuracy ? value >= Target : value <= Target;
}
