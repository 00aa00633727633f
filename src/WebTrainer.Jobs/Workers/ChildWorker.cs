using System.Diagnostics;

namespace WebTrainer.Jobs.Workers;

/// <summary>A worker that this portal started. The runtime reaps it, so it leaves no zombie.</summary>
internal sealed class ChildWorker(Process process) : IWorker
{
    public int ProcessId { get; } = process.Id;

    public bool HasExited => process.HasExited;

    public int? ExitCode => process.HasExited ? process.ExitCode : null;

    public Task WaitForExitAsync(CancellationToken cancellationToken) => process.WaitForExitAsync(cancellationToken);

    public bool WaitForExit(TimeSpan atMost) => process.WaitForExit(atMost);

    public void Kill() => process.Kill(entireProcessTree: true);

    public void Dispose() => process.Dispose();
}
