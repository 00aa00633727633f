using Microsoft.Extensions.Caching.Memory;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Import;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>What stored files turned out to be; each is read through once, however often its page is opened.</summary>
public sealed class Inspections(FileInspector inspector, IMemoryCache cache)
{
    private static readonly TimeSpan s_kept = TimeSpan.FromHours(12);

    public Task<FileInspection> OfAsync(SourceFile file, IProgress<WorkProgress>? progress, CancellationToken cancellationToken) =>
        OfAsync(file, FileReading.ByLooking, progress, cancellationToken);

    /// <param name="reading">What a person says of the file.</param>
    public async Task<FileInspection> OfAsync(
        SourceFile file,
        FileReading reading,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        // By name too: its ending is a hint.
        var key = (nameof(Inspections), file.Sha256, file.Name, reading);
        if (cache.TryGetValue(key, out FileInspection? known))
        {
            return known!;
        }

        return cache.Set(key, await inspector.InspectAsync(file, reading, progress, cancellationToken), s_kept);
    }
}
