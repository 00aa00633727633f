using WebTrainer.Domain.Runs;

namespace WebTrainer.Domain.Searches;

/// <summary>How a trial ended, or that it runs.</summary>
public enum TrialOutcome
{
    /// <summary>Not settled yet, whether its job waits or runs.</summary>
    Running,

    /// <summary>Its job ended well with a value.</summary>
    Completed,

    /// <summary>Ended early because it was worse than others at the same point.</summary>
    Pruned,

    /// <summary>Ended by a person or because the budget was spent.</summary>
    Stopped,

    /// <summary>Its job failed, or ended without a value, or could not be made.</summary>
    Failed,
}

/// <summary>One try of a search: the values it has, the run that tries them, and what came of it.</summary>
public sealed class SearchTrial
{
    /// <summary>With <see cref="Number"/> its key: of two who add the same trial one fails.</summary>
    public Guid SearchId { get; private set; }

    /// <summary>From 0, in the order in which they began.</summary>
    public int Number { get; private set; }

    /// <summary>Its values by parameter, as JSON.</summary>
    public string Point { get; private set; } = "";

    /// <summary>Null where its values made no run.</summary>
    public Guid? RunId { get; private set; }

    /// <summary>Null where there is none, and where it was not read along.</summary>
    public Run? Run { get; private set; }

    /// <summary><see cref="TrialOutcome.Running"/> until its job has ended and it was settled.</summary>
    public TrialOutcome Outcome { get; private set; }

    /// <summary>How it is to end, once it was told so.</summary>
    public TrialOutcome? ToldToEnd { get; private set; }

    /// <summary>What it reached, lower is better; of one that ended early, where it stood.</summary>
    public double? Value { get; private set; }

    /// <summary>Why it ended, or was told to, in a sentence; null for one that completed or runs on.</summary>
    public string? Reason { get; private set; }

    private SearchTrial() { }

    internal SearchTrial(Guid searchId, int number, string point)
    {
        SearchId = searchId;
        Number = number;
        Point = point;
    }

    /// <summary>Notes the run that tries its values.</summary>
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

    /// <summary>Ends it without a value, also where its values made no run.</summary>
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
