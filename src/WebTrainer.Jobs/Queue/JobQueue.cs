using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Feed;

namespace WebTrainer.Jobs.Queue;

/// <summary>Where the portal says that a job waits, so that it starts at once instead of at the next look.</summary>
public sealed class JobQueue(LiveFeed feed) : IDisposable
{
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly Lock _lock = new();

    /// <summary>Call it after the job was committed.</summary>
    public void Enqueued(Job job)
    {
        feed.Publish(new JobUpdate(job, [], []));
        Wake();
    }

    /// <summary>Somebody has woken it since it was looked at.</summary>
    internal bool IsAwake => _changed.CurrentCount > 0;

    /// <summary>A job waits or a slot is free.</summary>
    internal void Wake()
    {
        lock (_lock)
        {
            if (_changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
    }

    internal Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _changed.WaitAsync(atMost, cancellationToken);

    public void Dispose() => _changed.Dispose();
}
