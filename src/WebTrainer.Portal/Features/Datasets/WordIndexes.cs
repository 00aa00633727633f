using System.Collections.Concurrent;
using WebTrainer.Data.Files;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Rows;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>
/// Indexes of the words of versions, each a file beside its version. One is made in the background when somebody first looks for words, and
/// again where it is missing or was made by an earlier program that folded texts otherwise: it holds nothing that the version doesn't.
/// </summary>
public sealed class WordIndexes(FileStore store, ImportLimits limits, ILogger<WordIndexes> logger) : IAsyncDisposable
{
    private const string Ending = ".words";
    private readonly ConcurrentDictionary<string, Building> _building = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closing = new();

    // One at a time: each reads a whole version.
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>How far the index of a version is, from 0 to 1; 1 when it is there. Begins to make it when it isn't.</summary>
    public double Ready(string sha256, long rows)
    {
        if (WordIndex.IsCurrent(PathOf(sha256)))
        {
            return 1;
        }

        var building = _building.GetOrAdd(sha256, _ => new Building());
        building.BeginOnce(() => BuildAsync(sha256, rows, building));
        return building.Share;
    }

    public Task<WordHits> FindAsync(string sha256, WordQuery query, long skip, int take, CancellationToken cancellationToken) =>
        WordIndex.FindAsync(PathOf(sha256), query, skip, take, cancellationToken);

    /// <summary>Ends when the index of a version that is being made is there, or could not be made.</summary>
    public Task WhenMadeAsync(string sha256) => _building.TryGetValue(sha256, out var building) ? building.Ended : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await Task.WhenAll(_building.Values.Select(b => b.Ended));
        _closing.Dispose();
        _turn.Dispose();
    }

    private async Task BuildAsync(string sha256, long rows, Building building)
    {
        try
        {
            await _turn.WaitAsync(_closing.Token);
            try
            {
                await WordIndex.BuildAsync(
                    store.PathOf(sha256),
                    PathOf(sha256),
                    store.NewTemporaryPath(),
                    rows,
                    limits,
                    building,
                    _closing.Token
                );
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (OperationCanceledException)
        {
            // The program ends; whoever looks for words after it begins anew.
        }
        catch (IOException ex)
        {
            // Searches go on without it, and the next one tries again.
            logger.LogWarning(ex, "The index of words of version {Sha256} could not be made.", sha256);
        }
        finally
        {
            _building.TryRemove(sha256, out _);
        }
    }

    private string PathOf(string sha256) => store.PathOf(sha256) + Ending;

    private sealed class Building : IProgress<WorkProgress>
    {
        private readonly Lock _gate = new();
        private Task? _work;

        public double Share { get; private set; }

        public Task Ended => _work ?? Task.CompletedTask;

        public void BeginOnce(Func<Task> work)
        {
            lock (_gate)
            {
                _work ??= Task.Run(work);
            }
        }

        public void Report(WorkProgress value) => Share = value.Total == 0 ? 0 : Math.Min(0.99, (double)value.Done / value.Total);
    }
}
