namespace WebTrainer.Domain.Access;

/// <summary>What a key may ask, and how much.</summary>
public sealed record KeyBounds
{
    /// <summary>Requests in a minute; null for as many as the server allows each key.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Tokens read and written in a minute; null for no bound.</summary>
    public int? TokensPerMinute { get; init; }

    /// <summary>Tokens read and written in a calendar month of UTC; null for no bound.</summary>
    public long? TokensPerMonth { get; init; }

    /// <summary>Ids of the endpoints it reaches; empty for all of the project.</summary>
    public IReadOnlyList<Guid> Deployments { get; init; } = [];

    /// <summary>
    /// It reaches runs and bases by their names too, as keys did before there were endpoints. Keys of that time have it; none is made with
    /// it.
    /// </summary>
    public bool ReachesRuns { get; init; }

    /// <exception cref="RuleViolationException">A bound is not above 0.</exception>
    public KeyBounds Checked() =>
        RequestsPerMinute is <= 0 || TokensPerMinute is <= 0 || TokensPerMonth is <= 0
            ? throw new RuleViolationException("A key's limits are whole numbers above 0; leave one empty for none.")
            : this;

    /// <summary>Whether it reaches an endpoint.</summary>
    public bool Reaches(Guid deployment) => Deployments.Count == 0 || Deployments.Contains(deployment);
}
