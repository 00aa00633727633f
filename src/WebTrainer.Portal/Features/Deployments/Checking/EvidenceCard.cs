using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments.Checking;

/// <summary>A goal, and how this very model stands to it.</summary>
/// <param name="State">Null where nothing measured it.</param>
public sealed record GoalEvidence(GoalView Goal, GoalState? State);

/// <summary>A limit of a goal, and whether this very model keeps it.</summary>
public sealed record LimitEvidence(GoalLimit Limit, GoalState? State);

/// <summary>What a model did on a benchmark.</summary>
public sealed record BenchmarkEvidence(string Name, MetricFigure Metric);

/// <summary>All on one card that a person needs to decide what goes live.</summary>
public sealed record EvidenceCard
{
    /// <summary>Goals of the project; a limit that several goals share stands once.</summary>
    public required IReadOnlyList<GoalEvidence> Goals { get; init; }

    public required IReadOnlyList<LimitEvidence> Limits { get; init; }

    /// <summary>The newest evaluation that judged it; null where none did.</summary>
    public Guid? EvaluationId { get; init; }

    public int? EvaluationNumber { get; init; }

    /// <summary>Its figures there.</summary>
    public ModelFigures? Figures { get; init; }

    public long JudgedRows { get; init; }

    /// <summary>What it surely does better or worse than the live version, than its base and than the best simple method.</summary>
    public IReadOnlyList<Verdict> Verdicts { get; init; } = [];

    /// <summary>Why it is not held against the live version; null where it is, or nothing is live.</summary>
    public string? NotCompared { get; init; }

    /// <summary>Both models' answers row by row, the worst regressions first; null where they were not asked the same.</summary>
    public string? RowsAddress { get; init; }

    /// <summary>The test rows of what the live version learned from and of what this one did; empty where both are the same.</summary>
    public IReadOnlyList<TestEvidence> Tests { get; init; } = [];

    /// <summary>Rise of its loss on general text over the base's, in nats; null where it was not measured.</summary>
    public double? Forgotten { get; init; }

    public IReadOnlyList<BenchmarkEvidence> Benchmarks { get; init; } = [];

    public SpeedFigures? Speed { get; init; }

    /// <summary>Null for a base itself, and for an adapter that was brought in.</summary>
    public DataEvidence? Data { get; init; }

    /// <summary>Against the live version; empty where nothing is live.</summary>
    public IReadOnlyList<SettingDifference> Differences { get; init; } = [];

    public bool MissesGoal => Goals.Any(g => g.State == GoalState.Missed) || Limits.Any(l => l.State == GoalState.Missed);

    /// <summary>Then whoever approves says why in writing.</summary>
    public bool NeedsReason => MissesGoal || Tests.Any(t => t.WhyNot is not null);

    /// <summary>Test rows that could judge it and have not; nothing is approved before they did.</summary>
    public IEnumerable<TestEvidence> Unjudged => Tests.Where(t => t is { EvaluationId: null, WhyNot: null });
}
