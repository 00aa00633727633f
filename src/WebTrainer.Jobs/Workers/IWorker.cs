namespace WebTrainer.Jobs.Workers;

/// <summary>A worker process, whether this portal started it or found it running.</summary>
internal interface IWorker : IDisposable
{
    int ProcessId { get; }

    bool HasExited { get; }

    /// <summary>128 + n for signal n; null while it lives, and where only its parent was told.</summary>
    int? ExitCode { get; }

    void Kill();
}
