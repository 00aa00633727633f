namespace WebTrainer.Domain.Monitoring;

/// <summary>What somebody said of an endpoint's answer. What is said again of it takes the place of what was said.</summary>
public sealed class Feedback
{
    /// <summary>Characters of a comment.</summary>
    public const int MaxCommentLength = 2000;

    /// <summary>Characters of an answer as it should have been.</summary>
    public const int MaxCorrectedLength = 20_000;

    /// <summary>Characters of a request's id.</summary>
    public const int MaxRequestLength = 80;

    /// <summary>The endpoint that answered.</summary>
    public Guid DeploymentId { get; private set; }

    /// <summary>Of the request, as its answer told it.</summary>
    public string RequestId { get; private set; } = "";

    /// <summary>The version that answered.</summary>
    public Guid VersionId { get; private set; }

    /// <summary>The answer was good, or was not; null where nobody has said so.</summary>
    public bool? Good { get; private set; }

    /// <summary>How good it was, 0 to 1; null where nobody has said so.</summary>
    public double? Score { get; private set; }

    /// <summary>The answer as it should have been; null where nobody has said so.</summary>
    public string? Corrected { get; private set; }

    /// <summary>In words; null for none.</summary>
    public string? Comment { get; private set; }

    /// <summary>When it was said, the last time.</summary>
    public DateTimeOffset At { get; private set; }

    private Feedback() { }

    /// <summary>Of an answer of which nothing was said yet.</summary>
    public Feedback(Guid deploymentId, string requestId, Guid versionId) =>
        (DeploymentId, RequestId, VersionId) = (deploymentId, requestId, versionId);

    /// <summary>Takes what is said; nothing of what was said before stays.</summary>
    /// <exception cref="RuleViolationException">Nothing is said, or something is out of its bounds.</exception>
    public void Say(bool? good, double? score, string? corrected, string? comment, DateTimeOffset now)
    {
        if (good is null && score is null && string.IsNullOrWhiteSpace(corrected) && string.IsNullOrWhiteSpace(comment))
        {
            throw new RuleViolationException("Say whether the answer was good, give a score, the right answer or a comment.");
        }

        if (score is not null and not (>= 0 and <= 1))
        {
            throw new RuleViolationException("A score lies between 0 and 1.");
        }

        if (corrected?.Length > MaxCorrectedLength || comment?.Length > MaxCommentLength)
        {
            throw new RuleViolationException(
                $"The right answer has at most {MaxCorrectedLength} characters, a comment at most {MaxCommentLength}."
            );
        }

        (Good, Score, Corrected, Comment, At) = (good, score, corrected, comment, now);
    }

    /// <summary>Good or bad: as was said, else by the score; null where neither says so.</summary>
    public bool? IsGood => Good ?? (Score is { } score ? score >= 0.5 : null);
}
