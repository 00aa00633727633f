namespace WebTrainer.Domain.Monitoring;

/// <summary>What an alert watches.</summary>
public enum AlertKind
{
    /// <summary>Share of requests that failed on this side, 0 to 1.</summary>
    ErrorRate,

    /// <summary>Milliseconds within which 95 of 100 answers are whole.</summary>
    SlowAnswers,

    /// <summary>Tokens read and written since the month began, of UTC.</summary>
    TokensOfMonth,

    /// <summary>Cost since the month began, in the project's currency.</summary>
    CostOfMonth,

    /// <summary>Share of answers that somebody said to be bad, of those of which somebody said anything, 0 to 1.</summary>
    BadFeedback,

    /// <summary>What is asked is no longer what was learned from; the limit has no meaning.</summary>
    Drift,
}

/// <summary>Says when somebody is to be told of what an endpoint does.</summary>
public sealed class AlertRule
{
    /// <summary>The longest time that is looked back, a month.</summary>
    public const int MaxMinutes = 31 * 24 * 60;

    /// <summary>Characters of an address.</summary>
    public const int MaxWebhookLength = 2000;

    /// <summary>Pages and the audit log name it so.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The endpoint that is watched.</summary>
    public Guid DeploymentId { get; private set; }

    /// <summary>What is watched.</summary>
    public AlertKind Kind { get; private set; }

    /// <summary>Above this it is told.</summary>
    public double Limit { get; private set; }

    /// <summary>How far is looked back; of months, the month itself.</summary>
    public int WindowMinutes { get; private set; }

    /// <summary>While it goes on it is told again after this long.</summary>
    public int QuietMinutes { get; private set; }

    /// <summary>Told there too, as JSON by POST; null for the portal alone.</summary>
    public string? Webhook { get; private set; }

    /// <summary>User id of who made it.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>Since when it is above its limit; null while it isn't.</summary>
    public DateTimeOffset? FiringSince { get; private set; }

    /// <summary>When it was told last; null for never.</summary>
    public DateTimeOffset? ToldAt { get; private set; }

    /// <summary>What was told last.</summary>
    public string? Sentence { get; private set; }

    private AlertRule() { }

    /// <summary>Makes a rule.</summary>
    /// <exception cref="RuleViolationException">A value is out of its bounds.</exception>
    public AlertRule(
        Guid deploymentId,
        AlertKind kind,
        double limit,
        int windowMinutes,
        int quietMinutes,
        string? webhook,
        string createdBy
    )
    {
        if (kind is AlertKind.ErrorRate or AlertKind.BadFeedback && !(limit is >= 0 and < 1))
        {
            throw new RuleViolationException("A share lies between 0 and 1: 0.05 for 5 of 100.");
        }

        if (!(limit >= 0) || double.IsInfinity(limit))
        {
            throw new RuleViolationException("A limit is a number of 0 or more.");
        }

        if (windowMinutes is < 1 or > MaxMinutes || quietMinutes is < 1 or > MaxMinutes)
        {
            throw new RuleViolationException($"It looks back, and is quiet, for 1 to {MaxMinutes} minutes.");
        }

        if (webhook?.Length > MaxWebhookLength)
        {
            throw new RuleViolationException($"An address has at most {MaxWebhookLength} characters.");
        }

        (DeploymentId, Kind, Limit, CreatedBy) = (deploymentId, kind, limit, createdBy);
        (WindowMinutes, QuietMinutes, Webhook) = (windowMinutes, quietMinutes, string.IsNullOrWhiteSpace(webhook) ? null : webhook.Trim());
    }

    /// <summary>Notes what was found.</summary>
    /// <param name="sentence">What is above its limit, in a sentence; null where nothing is.</param>
    /// <returns>Whether somebody is to be told: it is new, or goes on past the quiet time.</returns>
    public bool Note(string? sentence, DateTimeOffset now)
    {
        if (sentence is null)
        {
            FiringSince = null;
            return false;
        }

        FiringSince ??= now;
        if (ToldAt is { } told && now - told < TimeSpan.FromMinutes(QuietMinutes))
        {
            return false;
        }

        (ToldAt, Sentence) = (now, sentence);
        return true;
    }
}
