namespace WebTrainer.Domain.Projects;

/// <summary>What a goal can be set on.</summary>
public enum GoalMetric
{
    /// <summary>Share of right answers on the test split.</summary>
    Accuracy,

    /// <summary>exp of the answers' mean loss on the test split.</summary>
    Perplexity,

    /// <summary>Rise of the loss on general text against the base, in nats: what may be forgotten.</summary>
    GeneralLossRise,

    /// <summary>A metric of a benchmark; see <see cref="BenchmarkAim"/>.</summary>
    Benchmark,

    /// <summary>Mean of the labels' F1 on the test split: small labels count as much as large ones.</summary>
    MacroF1,

    /// <summary>Share of the test rows of one label that are given it; see <see cref="Goal.Label"/>.</summary>
    LabelRecall,

    /// <summary>Words in common with the right answer, mean F1 on the test split.</summary>
    TokenF1,

    /// <summary>Longest common subsequence of words with the right answer, mean F1 on the test split.</summary>
    RougeL,

    /// <summary>Seconds from a request to its first token, of 95 in 100 requests.</summary>
    Latency,

    /// <summary>Price of 1,000 new tokens, one request at a time, in the project's currency.</summary>
    Cost,

    /// <summary>By how much more test rows are right than by the best simple method, as a share of all.</summary>
    AheadOfSimple,
}

/// <summary>What kind of figure a metric is.</summary>
public static class GoalMetrics
{
    /// <summary>The figure is to stay at or below its target; false: to reach it.</summary>
    public static bool IsAtMost(GoalMetric metric, BenchmarkAim? aim = null) =>
        metric switch
        {
            GoalMetric.Benchmark => aim is { AtMost: true },
            GoalMetric.Perplexity or GoalMetric.GeneralLossRise or GoalMetric.Latency or GoalMetric.Cost => true,
            _ => false,
        };

    /// <summary>Lies between 0 and 1, and is written in percent. A benchmark's figures say so themselves.</summary>
    public static bool IsShare(GoalMetric metric) =>
        metric
            is GoalMetric.Accuracy
                or GoalMetric.MacroF1
                or GoalMetric.LabelRecall
                or GoalMetric.TokenF1
                or GoalMetric.RougeL
                or GoalMetric.AheadOfSimple;

    /// <summary>Measured only where labels are a closed set.</summary>
    public static bool NeedsLabels(GoalMetric metric) => metric is GoalMetric.MacroF1 or GoalMetric.LabelRecall;

    /// <summary>Measured only where answers are free text.</summary>
    public static bool NeedsTexts(GoalMetric metric) => metric is GoalMetric.TokenF1 or GoalMetric.RougeL;
}

/// <summary>Which figure of a benchmark a goal is about.</summary>
/// <param name="Benchmark">Kind of the benchmark, as reports name it: <c>Gsm8k</c>.</param>
/// <param name="Metric">As reports name it: <c>exact_match_flexible</c>.</param>
/// <param name="AtMost">The figure has to stay below the target instead of reaching it.</param>
public sealed record BenchmarkAim(string Benchmark, string Metric, bool AtMost);

/// <summary>How a result stands to a target.</summary>
public enum GoalState
{
    /// <summary>The whole interval of the result lies on the good side.</summary>
    Met,

    /// <summary>The whole interval lies on the other side.</summary>
    Missed,

    /// <summary>The result lies too near the target to be sure.</summary>
    Undecided,
}

/// <summary>A measurable aim, set before the work and shown beside each result.</summary>
public sealed class Goal
{
    /// <summary>Of all limits together, in UTF-16 units.</summary>
    public const int MaxLimitsLength = 1000;

    /// <summary>Of a benchmark's kind, and of its metric's name.</summary>
    public const int MaxAimLength = 64;

    /// <summary>Of a label, in UTF-16 units.</summary>
    public const int MaxLabelLength = 500;

    /// <summary>By which pages name it; it stays when the goal is changed.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The project whose results are held against it.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>What is measured; decides the unit of <see cref="Target"/> and which side of it is good.</summary>
    public GoalMetric Metric { get; private set; }

    /// <summary>Of <see cref="GoalMetric.Benchmark"/> only.</summary>
    public BenchmarkAim? Aim => BenchmarkKind is null || BenchmarkMetric is null ? null : new(BenchmarkKind, BenchmarkMetric, AtMost);

    /// <summary>Of <see cref="GoalMetric.LabelRecall"/> only: the label that is to be found.</summary>
    public string? Label { get; private set; }

    /// <summary>First half of <see cref="Aim"/>, as stored; null for goals on anything else.</summary>
    public string? BenchmarkKind { get; private set; }

    /// <summary>Second half of <see cref="Aim"/>, as stored; null for goals on anything else.</summary>
    public string? BenchmarkMetric { get; private set; }

    /// <summary>Of a goal on a benchmark: the figure must not pass the target. False for all others.</summary>
    public bool AtMost { get; private set; }

    /// <summary>Shares from 0 to 1; the others in their own unit.</summary>
    public double Target { get; private set; }

    /// <summary>Limits that a result must keep (latency, cost, rules for data), in the team's words.</summary>
    public string Limits { get; private set; } = "";

    /// <summary>When it was first set; a change leaves it as it is.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    private Goal() { }

    /// <summary>Sets a goal under the same rules as <see cref="Change"/>.</summary>
    /// <exception cref="RuleViolationException">As of <see cref="Change"/>.</exception>
    public Goal(
        Guid projectId,
        GoalMetric metric,
        double target,
        string limits,
        DateTimeOffset now,
        BenchmarkAim? aim = null,
        string? label = null
    )
    {
        ProjectId = projectId;
        CreatedAt = now;
        Change(metric, target, limits, aim, label);
    }

    /// <summary>Sets metric, target, limits and aim at once; what stood there before is not kept here.</summary>
    /// <param name="metric">What is measured; it decides which side of the target is good.</param>
    /// <param name="target">0 or more, in the metric's unit.</param>
    /// <param name="limits">One a line, in words; at most <see cref="MaxLimitsLength"/> characters.</param>
    /// <param name="aim">Needed for <see cref="GoalMetric.Benchmark"/>, and for nothing else.</param>
    /// <param name="label">Needed for <see cref="GoalMetric.LabelRecall"/>, and for nothing else.</param>
    /// <exception cref="RuleViolationException">
    /// The target is negative, not finite or, of a share, above 1; the aim or the label is missing, too long or of no use; or the limits
    /// are too long.
    /// </exception>
    public void Change(GoalMetric metric, double target, string limits, BenchmarkAim? aim = null, string? label = null)
    {
        if (
            metric == GoalMetric.Benchmark != aim is not null
            || aim is { Benchmark.Length: 0 or > MaxAimLength } or { Metric.Length: 0 or > MaxAimLength }
        )
        {
            throw new RuleViolationException("A goal on a benchmark says which benchmark and which of its figures.");
        }

        if (!double.IsFinite(target) || target < 0)
        {
            throw new RuleViolationException("A goal's target is a number of 0 or more.");
        }

        if (GoalMetrics.IsShare(metric) && target > 1)
        {
            throw new RuleViolationException("The target of a share lies between 0 and 1 (0 to 100 %).");
        }

        if (metric == GoalMetric.LabelRecall != !string.IsNullOrWhiteSpace(label) || label?.Length > MaxLabelLength)
        {
            throw new RuleViolationException($"A goal on one label names it, in at most {MaxLabelLength} characters; others name none.");
        }

        if (limits.Length > MaxLimitsLength)
        {
            throw new RuleViolationException($"The limits have at most {MaxLimitsLength} characters.");
        }

        Metric = metric;
        Target = target;
        Limits = limits.Trim();
        Label = label?.Trim();
        (BenchmarkKind, BenchmarkMetric, AtMost) = (aim?.Benchmark, aim?.Metric, aim?.AtMost ?? false);
    }

    /// <summary>Holds a result against a target: met or missed only where its whole interval lies on one side.</summary>
    /// <param name="metric">What is measured; it decides which side of the target is good.</param>
    /// <param name="target">0 or more, in the metric's unit.</param>
    /// <param name="low">Lower end of the result's 95 % interval; the result itself where it has none.</param>
    /// <param name="high">Upper end; the result itself where it has none.</param>
    /// <param name="aim">Of a goal on a benchmark: whether it is to be reached or not to be passed.</param>
    public static GoalState Judge(GoalMetric metric, double target, double low, double high, BenchmarkAim? aim = null) =>
        !GoalMetrics.IsAtMost(metric, aim)
            ? low >= target
                ? GoalState.Met
                : high < target
                    ? GoalState.Missed
                    : GoalState.Undecided
            : high <= target
                ? GoalState.Met
                : low > target
                    ? GoalState.Missed
                    : GoalState.Undecided;
}
