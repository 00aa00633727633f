using WebTrainer.Domain.Runs;

namespace WebTrainer.Domain.Searches;

public enum TrialOutcome
{
    Running,
    Completed,

    /// <summary>Ended early because it was worse than others at the same point.</summary>
    Pruned,

    /// <summary>Ended by a person or because the budget was spent.</summary>
    Stopped,
    Failed,
}

/// <summary>One try of a search: the values it has, the run that tries them, and what came of it.</summary>
public sealed class SearchTrial
{
    public Guid SearchId { get; private set; }

    /// <summary>From 0, in the order in which they began.</summary>
    public int Number { get; private set; }

    /// <summary>Its values by parameter, as JSON.</summary>
    public string Point { get; private set; } = "";

    /// <summary>Null where its values made no run.</summary>
    public Guid? RunId { get; private set; }
    public Run? Run { get; private set; }
    public TrialOutcome Outcome { get; private set; }

    /// <summary>How it is to end, once it was told so.</summary>
    public TrialOutcome? ToldToEnd { get; private set; }

    /// <summary>What it reached, lower is better; of one that ended early, where it stood.</summary>
    public double? Value { get; private set; }
    public string? Reason { get; private set; }

    private SearchTrial() { }

    internal SearchTrial(Guid searchId, int number, string point)
    {
        SearchId = searchId;
        Number = number;
        Point = point;
    }

    public void RunsAs(Run run)
    {
        Run = run;
        RunId = run.Id;
    }

    /// <summary>It is told to end early; it has when its job has.</summary>
    public void Tell(TrialOutcome outcome, string reason)
    {
        ToldToEnd = outcome;
        Reason = reason;
    }

    public void Fail(string reason) => End(TrialOutcome.Failed, null, reason);

    /// <param name="job">Its run's, which has ended.</param>
    /// <param name="value">The last it reported; null where there is none.</param>
    public void Settle(Job job, double? value)
    {
        var outcome = job.State switch
        {
            JobState.Failed => TrialOutcome.Failed,
            JobState.Stopped => ToldToEnd ?? TrialOutcome.Stopped,
            _ when value is null => TrialOutcome.Failed,
            _ => TrialOutcome.Completed,
        };
        var reason = outcome switch
        {
            TrialOutcome.Failed => job.FailureCause ?? "It ended without a validation.",
            TrialOutcome.Completed => null,
            _ => Reason,
        };
        End(outcome, outcome == TrialOutcome.Failed ? null : value, reason);
    }

    private void End(TrialOutcome outcome, double? value, string? reason)
    {
        Outcome = outcome;
        Value = value;
        Reason = reason;
    }
}
