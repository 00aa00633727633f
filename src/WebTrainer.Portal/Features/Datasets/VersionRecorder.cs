using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Operations;
using static WebTrainer.Portal.Features.Datasets.VersionQueries;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>A version that was made and is in no store yet.</summary>
internal sealed record NewVersion(
    VersionKind Kind,
    VersionFile File,
    Guid? UploadId,
    IReadOnlyList<Guid> Parents,
    object Recipe,
    object Report
);

/// <summary>How made versions enter the store and the database.</summary>
public sealed class VersionRecorder(Authorizer authorizer, FileStore store) : IDisposable
{
    // Two versions of one dataset that end at once must not take the same number.
    private readonly SemaphoreSlim _recording = new(1);

    internal async Task<VersionKey> RecordAsync(
        DatasetOperation operation,
        ProjectWork work,
        Func<ProjectWork, Task<Dataset>> datasetOf,
        NewVersion made,
        string action,
        CancellationToken cancellationToken
    )
    {
        var sha256 = await store.AddAsync(made.File.Path, cancellationToken);
        await _recording.WaitAsync(cancellationToken);
        try
        {
            var dataset = await datasetOf(work);
            var last =
                await work.Db.DatasetVersions.Where(v => v.DatasetId == dataset.Id).MaxAsync(v => (int?)v.Number, cancellationToken) ?? 0;
            var version = new DatasetVersion(
                dataset,
                last + 1,
                made.Kind,
                sha256,
                made.File.Rows,
                made.File.Bytes,
                work.Caller.UserId,
                work.Now
            ).MadeFrom(made.UploadId, made.Parents, RecipeJson.Write(made.Recipe), RecipeJson.Write(made.Report));
            work.Db.DatasetVersions.Add(version);
            work.Audit(
                action,
                version.Id,
                null,
                new
                {
                    dataset.Name,
                    version.Number,
                    version.Rows,
                    version.Sha256,
                    made.UploadId,
                    made.Parents,
                }
            );
            var key = new VersionKey(dataset.Id, version.Number);
            await EndJobAsync(work, operation, key, cancellationToken);
            await work.SaveAsync(cancellationToken);
            return key;
        }
        finally
        {
            _recording.Release();
        }
    }

    internal async Task<VersionView> ResultAsync(
        Caller caller,
        Guid projectId,
        DatasetOperation operation,
        CancellationToken cancellationToken
    )
    {
        // Whoever stops waiting stops only the waiting: the work goes on.
        var made = await operation.Completion.WaitAsync(cancellationToken);
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return await ViewAsync(work, await FindAsync(work, made.DatasetId, made.Number, cancellationToken), cancellationToken);
    }

    internal static async Task EndJobAsync(
        ProjectWork work,
        DatasetOperation operation,
        VersionKey made,
        CancellationToken cancellationToken
    ) => (await work.Db.DataJobs.SingleAsync(j => j.Id == operation.Id, cancellationToken)).Done(made.DatasetId, made.Number, work.Now);

    public void Dispose() => _recording.Dispose();
}
