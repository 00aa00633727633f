using WebTrainer.Domain.Monitoring;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Runs;

namespace WebTrainer.Portal.Features.Retrainings;

/// <summary>How far the labeling of the taken rows is.</summary>
/// <param name="Decided">Items with an answer that stands.</param>
public sealed record LabelingState(Guid TaskId, string Name, int Items, int Decided);

/// <summary>What the run will take, by what the live one took: time grows with the rows.</summary>
/// <param name="Cost">At the project's price of a device hour; null where none is set.</param>
public sealed record RetrainingEstimate(TimeSpan Time, double? Cost, string Currency);

/// <summary>A retraining with where each of its steps stands.</summary>
/// <param name="LiveRun">Whose settings it takes again.</param>
/// <param name="Sample">Requests as rows; null before they were taken.</param>
/// <param name="Data">What is to be learned from; null before it was made.</param>
/// <param name="DataWaits">Why no run may use the data yet; null where one may.</param>
/// <param name="Run">Null before it was asked for.</param>
/// <param name="Estimate">Null where the live run's time isn't known.</param>
public sealed record RetrainingView(
    Retraining Retraining,
    RunView? LiveRun,
    VersionName? Sample,
    LabelingState? Labeling,
    VersionName? Data,
    string? DataWaits,
    RunView? Run,
    RetrainingEstimate? Estimate
);

/// <summary>All of an endpoint's retrainings.</summary>
/// <param name="Open">Null where none is.</param>
/// <param name="Ended">The newest first, at most <see cref="MostEnded"/>.</param>
/// <param name="MayManage">Whether who looks may open one and set the rule; each use case checks anew.</param>
/// <param name="WhyNot">Why none can be opened, in a sentence; null where one can.</param>
public sealed record RetrainingsView(
    RetrainingRule? Rule,
    DateTimeOffset? NextTime,
    RetrainingView? Open,
    IReadOnlyList<Retraining> Ended,
    bool MayManage,
    string? WhyNot
)
{
    public const int MostEnded = 5;
}
