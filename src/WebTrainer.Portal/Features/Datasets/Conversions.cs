using Microsoft.Extensions.Caching.Memory;
using WebTrainer.Data.Files;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Import.Conversion;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>
/// Uploads as files of text: what is packed is unpacked, documents become pieces. Each is converted once, however often it is looked at.
/// </summary>
public sealed class Conversions(FileConverter converter, FileStore store, IMemoryCache cache)
{
    private static readonly TimeSpan s_kept = TimeSpan.FromHours(12);

    /// <exception cref="Pipeline.DataProblemException">It can't be read, or would be too large.</exception>
    public Task<SourceFile> OfAsync(SourceFile upload, CancellationToken cancellationToken) =>
        OfAsync(upload, sheet: null, cancellationToken);

    /// <param name="sheet">The sheet of a workbook; null for the first.</param>
    /// <exception cref="Pipeline.DataProblemException">It can't be read, or would be too large; or there is no such sheet.</exception>
    public async Task<SourceFile> OfAsync(SourceFile upload, string? sheet, CancellationToken cancellationToken)
    {
        // By name too: its ending is a hint, and it stands in the pieces of a document.
        var key = (nameof(Conversions), upload.Sha256, upload.Name, sheet);
        if (cache.TryGetValue(key, out SourceFile? known) && File.Exists(known!.Path))
        {
            return known;
        }

        return cache.Set(key, await ConvertAsync(upload, sheet, cancellationToken), s_kept);
    }

    private async Task<SourceFile> ConvertAsync(SourceFile upload, string? sheet, CancellationToken cancellationToken)
    {
        var target = store.NewTemporaryPath();
        try
        {
            var converted = await converter.ConvertAsync(upload, target, sheet, cancellationToken);
            if (converted.Path != target)
            {
                return upload;
            }

            var sha256 = await store.AddAsync(target, cancellationToken);
            return converted with { Path = store.PathOf(sha256), Sha256 = sha256 };
        }
        finally
        {
            File.Delete(target); // not there any more when the store has taken it
        }
    }
}
