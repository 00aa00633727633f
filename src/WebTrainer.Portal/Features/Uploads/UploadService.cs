using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Uploads;

/// <summary>Takes files in, chunk by chunk or in one go; what has arrived survives a restart of either side.</summary>
public sealed class UploadService(
    Authorizer authorizer,
    DataFolder folder,
    FileStore store,
    IEnumerable<IUploadReader> readers,
    Quotas quotas,
    DiskReserve reserve,
    IOptions<PortalOptions> options
) : IDisposable
{
    /// <summary>Unfinished files that one person may have in one project.</summary>
    public const int MaxUnfinished = 10;

    private readonly ConcurrentDictionary<Guid, byte> _receiving = new();

    // Throwing a stored file away and storing the same bytes anew must not cross.
    private readonly SemaphoreSlim _storing = new(1);

    /// <summary>Begins an upload, or goes on with the caller's unfinished one of the same name and length.</summary>
    public async Task<UploadView> StartAsync(
        Caller caller,
        Guid projectId,
        string fileName,
        long length,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        var upload = new Upload(projectId, fileName, length, options.Value.MaxUploadBytes, caller.UserId, work.Now);
        var unfinished = await work
            .Db.Uploads.AsNoTracking()
            .Where(u => u.ProjectId == projectId && u.CreatedBy == caller.UserId && u.CompletedAt == null)
            .ToListAsync(cancellationToken);
        if (unfinished.Find(u => u.FileName == upload.FileName && u.Length == length) is { } earlier)
        {
            return UploadView.Of(earlier, ReceivedOf(earlier));
        }

        if (unfinished.Count >= MaxUnfinished)
        {
            throw new RuleViolationException($"You have {MaxUnfinished} unfinished uploads in this project. Finish or discard one first.");
        }

        CheckSpace(length);
        using var room = await quotas.ReserveAsync(work, length, cancellationToken);
        work.Db.Uploads.Add(upload);
        work.Audit("upload.started", upload.Id, null, new { upload.FileName, upload.Length });
        await work.SaveAsync(cancellationToken);
        return UploadView.Of(upload, 0);
    }

    /// <summary>Takes the next chunk; with the last byte the file is hashed and moved into the store.</summary>
    public async Task<ChunkResult> AppendAsync(
        Caller caller,
        Guid projectId,
        Guid uploadId,
        long offset,
        Stream body,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        var upload = await OwnAsync(work, uploadId, cancellationToken);
        using var turn = Reserve(upload.Id);
        var received = ReceivedOf(upload);
        if (upload.CompletedAt is not null || offset != received)
        {
            return new ChunkResult(offset == received, UploadView.Of(upload, received));
        }

        reserve.CheckRoom();
        received = await Intake.CopyAsync(body, PathOf(upload.Id), offset, upload.Length - offset, cancellationToken);
        if (received == upload.Length)
        {
            await CompleteAsync(work, upload, PathOf(upload.Id), cancellationToken);
        }

        return new ChunkResult(true, UploadView.Of(upload, received));
    }

    /// <summary>Takes a whole file in one go; nothing is left of it when it breaks off.</summary>
    public async Task<UploadView> ReceiveAsync(
        Caller caller,
        Guid projectId,
        string fileName,
        long? announced,
        Stream body,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        var max = options.Value.MaxUploadBytes;
        // Refuses a bad name or size before the bytes come, not after.
        _ = new Upload(projectId, fileName, announced ?? 1, max, caller.UserId, work.Now);
        CheckSpace(announced ?? 0);
        using var room = await quotas.ReserveAsync(work, announced ?? 0, cancellationToken);
        var path = store.NewTemporaryPath();
        try
        {
            var length = await Intake.CopyAsync(
                announced is null ? new MeteredBody(body, room) : body,
                path,
                0,
                announced ?? max,
                cancellationToken
            );
            if (announced is { } whole && length != whole)
            {
                throw new RuleViolationException($"Only {Format.Bytes(length)} of {Format.Bytes(whole)} arrived. Upload the file again.");
            }

            var upload = new Upload(projectId, fileName, length, max, caller.UserId, work.Now);
            work.Db.Uploads.Add(upload);
            await CompleteAsync(work, upload, path, cancellationToken);
            return UploadView.Of(upload, length);
        }
        finally
        {
            File.Delete(path); // not there any more when the store has taken it
        }
    }

    public async Task<UploadView> GetAsync(Caller caller, Guid projectId, Guid uploadId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        var upload = await FindAsync(work, uploadId, cancellationToken);
        return View(upload);
    }

    /// <summary>What still wants something done: files that no dataset was made of, and the caller's own unfinished ones.</summary>
    public async Task<IReadOnlyList<UploadView>> WaitingAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        var uploads = await work
            .Db.Uploads.AsNoTracking()
            .Where(u => u.ProjectId == projectId && (u.CompletedAt != null || u.CreatedBy == caller.UserId))
            .Where(u => !work.Db.DatasetVersions.Any(v => v.UploadId == u.Id))
            .ToListAsync(cancellationToken);
        return [.. uploads.Where(u => !IsRead(u.Id)).OrderByDescending(u => u.CreatedAt).Select(View)];
    }

    /// <summary>Throws an upload away, finished or not; one that a dataset was made of stays.</summary>
    public async Task DiscardAsync(Caller caller, Guid projectId, Guid uploadId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        var upload = await FindAsync(work, uploadId, cancellationToken);
        if (upload.CompletedAt is null && upload.CreatedBy != caller.UserId)
        {
            throw NoSuchUpload();
        }

        if (await work.Db.DatasetVersions.AnyAsync(v => v.UploadId == uploadId, cancellationToken))
        {
            throw new RuleViolationException($"A dataset was made of {upload.FileName}; the file stays as its evidence.");
        }

        if (IsRead(uploadId))
        {
            throw new RuleViolationException($"{upload.FileName} is just being imported. Stop the import first.");
        }

        using var turn = Reserve(upload.Id);
        await _storing.WaitAsync(cancellationToken);
        try
        {
            work.Db.Uploads.Remove(upload);
            work.Audit(
                "upload.discarded",
                upload.Id,
                new
                {
                    upload.FileName,
                    upload.Length,
                    upload.Sha256,
                }
            );
            await work.SaveAsync(cancellationToken);
            File.Delete(PathOf(upload.Id));
            if (
                upload.Sha256 is { } sha256
                && !await work.Db.Uploads.AnyAsync(u => u.Sha256 == sha256, cancellationToken)
                && !await work.Db.BenchmarkFiles.AnyAsync(b => b.Sha256 == sha256, cancellationToken)
            )
            {
                File.Delete(store.PathOf(sha256));
            }
        }
        finally
        {
            _storing.Release();
        }
    }

    public void Dispose() => _storing.Dispose();

    private async Task CompleteAsync(ProjectWork work, Upload upload, string path, CancellationToken cancellationToken)
    {
        await _storing.WaitAsync(cancellationToken);
        try
        {
            upload.Complete(await store.AddAsync(path, cancellationToken), work.Now);
            work.Audit(
                "upload.completed",
                upload.Id,
                null,
                new
                {
                    upload.FileName,
                    upload.Length,
                    upload.Sha256,
                }
            );
            await work.SaveAsync(CancellationToken.None); // the file is in the store: its record must follow
        }
        finally
        {
            _storing.Release();
        }
    }

    private void CheckSpace(long length)
    {
        var free = new DriveInfo(folder.Root).AvailableFreeSpace;
        if (length > free)
        {
            throw new RuleViolationException(
                $"The file has {Format.Bytes(length)}, but the server's disk has {Format.Bytes(free)} left. Ask an administrator for room."
            );
        }

        reserve.CheckRoom(length);
    }

    private Turn Reserve(Guid uploadId) =>
        _receiving.TryAdd(uploadId, 0)
            ? new Turn(() => _receiving.TryRemove(uploadId, out _))
            : throw new ConflictException("A part of this file is just arriving. Wait a moment and try again.");

    private long ReceivedOf(Upload upload)
    {
        if (upload.CompletedAt is not null)
        {
            return upload.Length;
        }

        var file = new FileInfo(PathOf(upload.Id));
        return file.Exists ? file.Length : 0;
    }

    private UploadView View(Upload upload) =>
        UploadView.Of(upload, ReceivedOf(upload)) with
        {
            Problem =
                upload.Sha256 is { } sha256 && !File.Exists(store.PathOf(sha256))
                    ? "Its bytes are missing on the server, as after a restore of a backup that lacks them. Discard it and upload the file again."
                    : null,
        };

    private string PathOf(Guid uploadId) => Path.Combine(folder.Uploads, uploadId.ToString("N"));

    private static async Task<Upload> FindAsync(ProjectWork work, Guid uploadId, CancellationToken cancellationToken) =>
        await work.Db.Uploads.SingleOrDefaultAsync(u => u.Id == uploadId && u.ProjectId == work.ProjectId, cancellationToken)
        ?? throw NoSuchUpload();

    // Only who began an upload can go on with it: nobody mixes their bytes into another's file.
    private static async Task<Upload> OwnAsync(ProjectWork work, Guid uploadId, CancellationToken cancellationToken)
    {
        var upload = await FindAsync(work, uploadId, cancellationToken);
        return upload.CreatedBy == work.Caller.UserId ? upload : throw NoSuchUpload();
    }

    private static NotFoundException NoSuchUpload() => new("There is no such upload; it may have been discarded.");

    private sealed class Turn(Action end) : IDisposable
    {
        public void Dispose() => end();
    }

    private bool IsRead(Guid uploadId) => readers.Any(reader => reader.IsRead(uploadId));
}
