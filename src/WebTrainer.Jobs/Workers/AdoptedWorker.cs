using System.Diagnostics;

namespace WebTrainer.Jobs.Workers;

/// <summary>A worker that an earlier portal started. It is known by the run folder on its command line, never by a number alone.</summary>
internal sealed class AdoptedWorker(int processId, string runFolder) : IWorker
{
    public int ProcessId { get; } = processId;

    public bool HasExited => !WorkerFinder.Serves(ProcessId, runFolder);

    public int? ExitCode => null;

    public void Kill()
    {
        try
        {
            using var process = Process.GetProcessById(ProcessId);
            if (!HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception ended) when (ended is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It ended by itself in the meantime, which is what was wanted; or another user has its number now.
        }
    }

    public void Dispose() { }
}
