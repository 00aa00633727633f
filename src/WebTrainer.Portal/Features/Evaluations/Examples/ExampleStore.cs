using System.Text.Json;
using WebTrainer.Jobs;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Evaluations.Examples;

/// <summary>
/// Per-example results of evaluations as columns: read from the worker's file once, kept beside it in a compact form, and the last few in
/// memory.
/// </summary>
public sealed class ExampleStore(RunFolders folders)
{
    private const string CacheFile = "examples.columns";
    private const int KeptInMemory = 6;
    private readonly RecentlyUsed<Guid, ExampleColumns?> _kept = new(KeptInMemory, id => Read(folders.Of(id)));

    /// <returns>Null where the evaluation left no examples.</returns>
    public async Task<ExampleColumns?> ReadAsync(Guid jobId, CancellationToken cancellationToken)
    {
        var columns = await _kept.GetAsync(jobId, cancellationToken);
        if (columns is null)
        {
            _kept.Forget(jobId); // it may not have ended yet
        }

        return columns;
    }

    /// <summary>The texts of some rows, in the order given.</summary>
    public IReadOnlyList<ExampleResult> Texts(Guid jobId, ExampleColumns columns, IEnumerable<int> rows)
    {
        using var file = File.OpenHandle(folders.Of(jobId).Examples);
        return
        [
            .. rows.Select(row =>
            {
                var line = new byte[columns.Offsets[row + 1] - columns.Offsets[row]];
                RandomAccess.Read(file, line, columns.Offsets[row]);
                return JsonSerializer.Deserialize<ExampleResult>(line, ProtocolJson.Line)!;
            }),
        ];
    }

    /// <summary>There are examples, and no compact form of them yet.</summary>
    public bool IsToBeBuilt(Guid jobId) => folders.Of(jobId) is var folder && File.Exists(folder.Examples) && !IsFresh(folder);

    /// <summary>A resumed evaluation writes its examples anew: what was kept of the old ones is older.</summary>
    private static bool IsFresh(RunFolder folder) =>
        Path.Combine(folder.Output, CacheFile) is var cache
        && File.Exists(cache)
        && File.GetLastWriteTimeUtc(cache) >= File.GetLastWriteTimeUtc(folder.Examples);

    private static ExampleColumns? Read(RunFolder folder)
    {
        if (!File.Exists(folder.Examples))
        {
            return null;
        }

        var cache = Path.Combine(folder.Output, CacheFile);
        if (IsFresh(folder))
        {
            using var stream = File.OpenRead(cache);
            if (ExampleColumns.Read(stream) is { } kept)
            {
                return kept;
            }
        }

        var columns = ExampleColumns.Build(folder.Examples, CancellationToken.None);
        AtomicFile.Write(cache, columns.Write);
        return columns;
    }
}
