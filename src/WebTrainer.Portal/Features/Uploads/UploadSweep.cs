using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Uploads;

/// <summary>At start, throws away uploads that nobody went on with, and bytes that belong to no upload.</summary>
public sealed class UploadSweep(
    IDbContextFactory<AppDb> databases,
    DataFolder folder,
    TimeProvider time,
    IOptions<PortalOptions> options,
    ILogger<UploadSweep> logger
) : StartTask(logger)
{
    protected override async Task DoAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var unfinished = await db.Uploads.Where(u => u.CompletedAt == null).ToListAsync(cancellationToken);
        var oldest = time.GetUtcNow().AddDays(-options.Value.UnfinishedUploadDays);
        var abandoned = unfinished.Where(u => u.CreatedAt < oldest).ToList();
        db.Uploads.RemoveRange(abandoned);
        await db.SaveChangesAsync(cancellationToken);

        var kept = unfinished.Except(abandoned).Select(u => u.Id.ToString("N")).ToHashSet();
        var files = Directory.EnumerateFiles(folder.Uploads).Where(f => !kept.Contains(Path.GetFileName(f))).ToList();
        files.ForEach(File.Delete);
        if (abandoned.Count + files.Count > 0)
        {
            Logger.LogInformation("Swept {Uploads} abandoned uploads and {Files} of their files", abandoned.Count, files.Count);
        }
    }
}
