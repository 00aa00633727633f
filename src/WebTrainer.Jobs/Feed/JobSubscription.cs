using System.Threading.Channels;

namespace WebTrainer.Jobs.Feed;

/// <summary>One viewer's bounded inbox. A slow viewer loses the oldest updates and learns that it did; the writer never waits.</summary>
internal sealed class JobSubscription
{
    private const int Capacity = 64;

    private readonly Channel<JobUpdate> _inbox;
    private int _missed;

    public JobSubscription() =>
        _inbox = Channel.CreateBounded<JobUpdate>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ => Interlocked.Exchange(ref _missed, 1)
        );

    public void Push(JobUpdate update) => _inbox.Writer.TryWrite(update);

    /// <summary>Waits for an update, then takes all there are.</summary>
    /// <returns>The updates, and whether others were lost since the last call.</returns>
    public async Task<(IReadOnlyList<JobUpdate> Updates, bool Missed)> TakeAsync(CancellationToken cancellationToken)
    {
        await _inbox.Reader.WaitToReadAsync(cancellationToken);
        var updates = new List<JobUpdate>();
        while (updates.Count < Capacity && _inbox.Reader.TryRead(out var update))
        {
            updates.Add(update);
        }
        // The flag is taken last: a gap among the updates above is then always told, and one behind them is told next time.
        return (updates, Interlocked.Exchange(ref _missed, 0) == 1);
    }
}
