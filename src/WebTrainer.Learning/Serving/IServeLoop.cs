namespace WebTrainer.Learning.Serving;

/// <summary>Answers requests on one thread; they come in from any.</summary>
public interface IServeLoop
{
    /// <summary>
    /// Puts a request behind those that wait; returns at once, on any thread. The answer comes by its <see cref="PendingRequest.Answer"/>.
    /// </summary>
    void Enqueue(PendingRequest request);

    /// <summary>A sentence on what has been done so far, for the log, from any thread; null where there is nothing to say.</summary>
    string? Figures => null;

    /// <summary>Runs until cancelled, or until no request came or was active for the idle time.</summary>
    void Run(TimeSpan idleTimeout, CancellationToken cancellationToken);
}
