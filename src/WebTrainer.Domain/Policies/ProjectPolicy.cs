namespace WebTrainer.Domain.Policies;

/// <summary>What a project asks of its data, runs and endpoints before they go on. A rule that isn't set asks nothing.</summary>
public sealed record ProjectPolicy
{
    /// <summary>Licences that may be named.</summary>
    public const int MaxLicenses = 100;

    /// <summary>Of one licence, in UTF-16 units.</summary>
    public const int MaxLicenseLength = 100;

    /// <summary>A hundred years, longer than anybody keeps data.</summary>
    public const int MaxRetentionDays = 36_500;

    /// <summary>No rule at all.</summary>
    public static ProjectPolicy None { get; } = new();

    /// <summary>A policy that can't be read lets nothing pass.</summary>
    public static ProjectPolicy Damaged { get; } = new() { IsDamaged = true };

    /// <summary>Licences that each source must have one of, as they are noted there; none for any.</summary>
    public IReadOnlyList<string> Licenses { get; init; } = [];

    /// <summary>No row may hold personal data that the program finds.</summary>
    public bool NoPersonalData { get; init; }

    /// <summary>Rows that leak into those they are judged by are gone, or a lead has answered for them.</summary>
    public bool LeaksAnswered { get; init; }

    /// <summary>Krippendorff's α that people reached on each question whose answers made the labels, at least; null for any.</summary>
    public double? Agreement { get; init; }

    /// <summary>ε that all runs on a version may tell of its rows together; null for any, and for runs without a budget.</summary>
    public double? Epsilon { get; init; }

    /// <summary>Two people beside the one who handed it in approve a run, and what goes live.</summary>
    public bool TwoApprovers { get; init; }

    /// <summary>
    /// A run that costs more is approved by two, in the project's currency; null for no such bound. What a run costs that nobody planned is
    /// not known, and may be more.
    /// </summary>
    public double? TwoApproversAbove { get; init; }

    /// <summary>
    /// A run that costs less is approved by itself where a person approved one of the same data and method, in the project's currency; null
    /// for none.
    /// </summary>
    public double? SelfApprovedBelow { get; init; }

    /// <summary>Days after which a file is too old to be used, and the longest that texts of requests are kept; null for ever.</summary>
    public int? RetentionDays { get; init; }

    /// <summary>Only a machine that proves what it runs may train or answer.</summary>
    public bool AttestedNode { get; init; }

    /// <summary>The database holds something else than a policy.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsDamaged { get; private init; }

    /// <summary>Whether any rule is set.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool AsksSomething =>
        IsDamaged
        || Licenses.Count > 0
        || NoPersonalData
        || LeaksAnswered
        || Agreement is not null
        || Epsilon is not null
        || TwoApprovers
        || TwoApproversAbove is not null
        || SelfApprovedBelow is not null
        || RetentionDays is not null
        || AttestedNode;

    /// <summary>Whether two people beside who handed it in approve something.</summary>
    /// <param name="cost">In the project's currency; null where it is not known, 0 of what has none.</param>
    public bool AsksForTwo(double? cost) => IsDamaged || TwoApprovers || (TwoApproversAbove is { } above && !(cost <= above));

    /// <summary>Whether a run of data and method that a person approved before needs nobody's approval of its own.</summary>
    /// <param name="cost">In the project's currency; null where it is not known.</param>
    public bool LetsPass(double? cost) => SelfApprovedBelow is { } below && cost < below && !AsksForTwo(cost);

    /// <summary>The same rules with licences trimmed, each once.</summary>
    /// <exception cref="RuleViolationException">A rule can't be.</exception>
    public ProjectPolicy Checked()
    {
        var licenses = (Licenses ?? [])
            .Select(l => l?.Trim() ?? "")
            .Where(l => l.Length > 0)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .ToList();
        if (licenses.Count > MaxLicenses || licenses.Exists(l => l.Length > MaxLicenseLength))
        {
            throw new RuleViolationException($"At most {MaxLicenses} licences of {MaxLicenseLength} characters each can be named.");
        }

        if (Agreement is { } alpha && !(alpha is >= 0 and <= 1))
        {
            throw new RuleViolationException("The agreement is Krippendorff's α: a number between 0 and 1, such as 0.8.");
        }

        if (Epsilon is { } epsilon && !(epsilon > 0 && double.IsFinite(epsilon)))
        {
            throw new RuleViolationException("The privacy budget ε is a number above 0, such as 3.");
        }

        if (RetentionDays is < 1 or > MaxRetentionDays)
        {
            throw new RuleViolationException($"Data is kept for 1 to {MaxRetentionDays:N0} days, or without a limit.");
        }

        CheckCosts();
        return this with { Licenses = licenses };
    }

    private void CheckCosts()
    {
        if (new[] { TwoApproversAbove, SelfApprovedBelow }.Any(cost => cost is { } given && !(given >= 0 && double.IsFinite(given))))
        {
            throw new RuleViolationException("A cost that a rule goes by is a number of 0 or more.");
        }

        if (SelfApprovedBelow is { } below && (TwoApprovers || below > TwoApproversAbove))
        {
            throw new RuleViolationException(
                "A run that two people must approve is not approved by itself. Set the cost below which runs are to at most that above which two approve, and no two approvers for all."
            );
        }
    }
}
