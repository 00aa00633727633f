using WebTrainer.Protocol;

namespace WebTrainer.Learning.Jobs;

/// <summary>What every job of a worker has: its folder, its spec, and the way to report.</summary>
public sealed record JobContext<TSpec>(RunFolder Folder, TSpec Spec, EventWriter Events, ControlReader Control)
    where TSpec : JobSpec;
