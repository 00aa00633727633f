using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Kinds.Replay;

/// <summary>Answers prompts by the model as it was trained.</summary>
public sealed record ReplayErrand(ReplaySpec Replay) : Errand<ReplayTraces>(Replay)
{
    internal override TimeSpan Limit(JobsOptions options) => options.ReplayTimeout;

    internal override string ResultIn(RunFolder folder) => folder.Replay;
}
