namespace WebTrainer.Portal.Features.Labeling;

/// <summary>
/// Lets labeling write one at a time, in the order of asking. SQLite has one writer anyway; without a queue, two hundred people at once
/// would sleep and retry on its lock, and some would wait long. Correctness does not rest on it: that is the transactions' and the unique
/// index's matter.
/// </summary>
public sealed class WriteGate : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);

    public async Task<T> RunAsync<T>(Func<Task<T>> write, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return await write();
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();
}
