using WebTrainer.Domain.Datasets;

namespace WebTrainer.Portal.Features.Uploads;

/// <summary>A file on its way in, or arrived and not yet a dataset.</summary>
/// <param name="Length">Bytes of the whole file.</param>
/// <param name="Received">Bytes that are here; the next chunk begins there.</param>
/// <param name="Sha256">Of the whole file, once it is here.</param>
/// <param name="Problem">Why nothing can be made of it; null where all is well.</param>
public sealed record UploadView(
    Guid Id,
    string FileName,
    long Length,
    long Received,
    bool IsComplete,
    string? Sha256,
    DateTimeOffset CreatedAt,
    string? Problem = null
)
{
    public static UploadView Of(Upload upload, long received) =>
        new(upload.Id, upload.FileName, upload.Length, received, upload.CompletedAt is not null, upload.Sha256, upload.CreatedAt);
}

/// <summary>What became of a chunk.</summary>
/// <param name="Accepted">False where its offset isn't the end of what is here; <see cref="UploadView.Received"/> says where to go
/// on.</param>
public sealed record ChunkResult(bool Accepted, UploadView Upload);
