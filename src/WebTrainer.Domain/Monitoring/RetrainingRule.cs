namespace WebTrainer.Domain.Monitoring;

/// <summary>When a retraining of an endpoint is opened by itself. It opens a draft; the steps are people's.</summary>
public sealed class RetrainingRule
{
    /// <summary>Requests that are taken to be labeled, at most.</summary>
    public const int MaxRows = 1000;

    /// <summary>Characters of a cron expression.</summary>
    public const int MaxScheduleLength = 100;

    /// <summary>The endpoint; each has one rule at most.</summary>
    public Guid DeploymentId { get; private set; }

    /// <summary>Whether a look at drift that finds a change opens one.</summary>
    public bool OnDrift { get; private set; }

    /// <summary>Share of bad answers among those of which somebody said anything, above which one is opened; null for never.</summary>
    public double? BadShare { get; private set; }

    /// <summary>Cron expression of six fields; null for none.</summary>
    public string? Schedule { get; private set; }

    /// <summary>Requests that are taken to be labeled.</summary>
    public int Rows { get; private set; }

    /// <summary>User id of who made it or changed it last: rows are taken with their rights.</summary>
    public string ChangedBy { get; private set; } = "";

    /// <summary>Name of the same.</summary>
    public string ChangedByName { get; private set; } = "";

    /// <summary>What was found before is no reason any more.</summary>
    public DateTimeOffset ChangedAt { get; private set; }

    private RetrainingRule() { }

    /// <summary>Makes one that opens nothing yet.</summary>
    public RetrainingRule(Guid deploymentId) => DeploymentId = deploymentId;

    /// <summary>Whether anything opens one.</summary>
    public bool IsOn => OnDrift || BadShare is not null || Schedule is not null;

    /// <summary>Says when one is opened.</summary>
    /// <param name="schedule">Not read here.</param>
    /// <exception cref="RuleViolationException">A value is out of its bounds.</exception>
    public void Set(bool onDrift, double? badShare, string? schedule, int rows, string userId, string userName, DateTimeOffset now)
    {
        if (badShare is not null and not (> 0 and < 1))
        {
            throw new RuleViolationException("The share of bad answers lies between 0 and 1: 0.2 for 20 of 100.");
        }

        if (rows is < 1 or > MaxRows)
        {
            throw new RuleViolationException($"Take 1 to {MaxRows} requests to be labeled.");
        }

        schedule = string.IsNullOrWhiteSpace(schedule) ? null : schedule.Trim();
        if (schedule?.Length > MaxScheduleLength)
        {
            throw new RuleViolationException($"A schedule has at most {MaxScheduleLength} characters.");
        }

        (OnDrift, BadShare, Schedule, Rows) = (onDrift, badShare, schedule, rows);
        (ChangedBy, ChangedByName, ChangedAt) = (userId, userName, now);
    }
}
