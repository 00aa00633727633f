using WebTrainer.Protocol;

namespace WebTrainer.Learning.Jobs;

/// <summary>What every job of a worker has: its folder, its spec, and the way to report.</summary>
public sealed record RunContext(RunFolder Folder, RunSpec Spec, EventWriter Events, ControlReader Control);
