namespace WebTrainer.Learning.Tests;

/// <summary>
/// Ends a job as a kill would, at the first event that it writes after something is there to see: on the job's own thread, so that no load
/// of the machine lets it get away.
/// </summary>
internal sealed class EndingClock(Func<bool> isThere, CancellationTokenSource end) : TimeProvider
{
    public override DateTimeOffset GetUtcNow()
    {
        if (!end.IsCancellationRequested && isThere())
        {
            end.Cancel();
        }

        return base.GetUtcNow();
    }
}
