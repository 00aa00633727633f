using System.Collections.Concurrent;

namespace WebTrainer.Protocol;

/// <summary>
/// The last few of something that is dear to make: made once however many ask at the same time, kept until others were used more lately,
/// and made anew after a failure. Safe for any number of threads.
/// </summary>
/// <param name="kept">How many are kept.</param>
/// <param name="make">Makes one, on a thread of the pool; whoever stops waiting doesn't end it.</param>
public sealed class RecentlyUsed<TKey, TValue>(int kept, Func<TKey, TValue> make)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, (Lazy<Task<TValue>> Value, long Used)> _all = new();
    private long _uses;

    /// <exception cref="OperationCanceledException">The caller stops waiting.</exception>
    public async Task<TValue> GetAsync(TKey key, CancellationToken cancellationToken)
    {
        var use = Interlocked.Increment(ref _uses);
        var entry = _all.AddOrUpdate(
            key,
            one => (new(() => Task.Run(() => make(one), CancellationToken.None)), use),
            (_, known) => (known.Value, use)
        );
        foreach (var old in _all.OrderByDescending(e => e.Value.Used).Skip(kept))
        {
            _all.TryRemove(old.Key, out _);
        }

        try
        {
            return await entry.Value.Value.WaitAsync(cancellationToken);
        }
        catch when (entry.Value.Value.IsFaulted)
        {
            Forget(key); // the next one tries again
            throw;
        }
    }

    /// <summary>It is made anew when it is next asked for.</summary>
    public void Forget(TKey key) => _all.TryRemove(key, out _);
}
