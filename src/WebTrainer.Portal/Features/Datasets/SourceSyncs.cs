using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Operations;
using WebTrainer.Portal.Features.Datasets.Sources;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>A sync as it is kept.</summary>
/// <param name="SourceId">What is fetched from.</param>
internal sealed record SyncRequest(Guid SourceId);

/// <summary>Rows that sources have anew become versions.</summary>
public sealed class SourceSyncs(
    Authorizer authorizer,
    FileStore store,
    VersionRecorder recorder,
    Conversions conversions,
    Inspections inspections,
    SourceConnectors connectors,
    SourceSecrets secrets,
    ImportLimits limits
) : IDatasetWork
{
    /// <summary>
    /// Fetches what is new, keeps it as a file, and makes the next version: of it alone, or of the rows before and those that are new.
    /// </summary>
    private async Task<VersionKey> SyncAsync(DatasetOperation operation, SyncRequest asked, CancellationToken cancellationToken)
    {
        var folder = store.NewTemporaryPath();
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            DataSource source;
            DatasetVersion? before;
            await using (
                var reading = await authorizer.OpenAsync(operation.Caller, operation.ProjectId, Permission.ManageData, cancellationToken)
            )
            {
                source =
                    await reading
                        .Db.DataSources.AsNoTracking()
                        .SingleOrDefaultAsync(s => s.Id == asked.SourceId && s.ProjectId == operation.ProjectId, cancellationToken)
                    ?? throw new NotFoundException("The source was removed.");
                before = await LatestAsync(reading, source.DatasetName, cancellationToken);
            }

            operation.Report(new WorkProgress("Fetching", 0, 0));
            var fetched = await connectors
                .Of(source.Kind)
                .FetchAsync(
                    RecipeJson.Read<SourceSettings>(source.Settings)!,
                    secrets.Read(source),
                    source.State,
                    folder,
                    operation,
                    cancellationToken
                );
            return fetched.Files.Count == 0
                ? await NothingNewAsync(operation, source, fetched, before, cancellationToken)
                : await TakeInAsync(operation, source, fetched, before, folder, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<VersionKey> NothingNewAsync(
        DatasetOperation operation,
        DataSource source,
        Fetched fetched,
        DatasetVersion? before,
        CancellationToken cancellationToken
    )
    {
        if (before is null)
        {
            throw new DataProblemException($"{source.Name} has no rows.");
        }

        await using var work = await authorizer.OpenAsync(operation.Caller, operation.ProjectId, Permission.ManageData, cancellationToken);
        var key = new VersionKey(before.DatasetId, before.Number);
        (await work.Db.DataSources.SingleAsync(s => s.Id == source.Id, cancellationToken)).Synced(fetched.State, work.Now);
        await VersionRecorder.EndJobAsync(work, operation, key, cancellationToken);
        work.Audit("source.synced", source.Id, null, new { New = 0 });
        await work.SaveAsync(cancellationToken);
        return key;
    }

    private async Task<VersionKey> TakeInAsync(
        DatasetOperation operation,
        DataSource source,
        Fetched fetched,
        DatasetVersion? before,
        string folder,
        CancellationToken cancellationToken
    )
    {
        var file = await Fetching.AsOneAsync(fetched.Files, folder, source.Name, cancellationToken);
        var length = new FileInfo(file.Path).Length;
        var sha256 = await store.AddAsync(file.Path, cancellationToken);
        if (await SameFileAsync(operation, sha256, before, cancellationToken))
        {
            return await NothingNewAsync(operation, source, fetched, before, cancellationToken);
        }

        var upload = new SourceFile(store.PathOf(sha256), file.Name, sha256);
        var text = await conversions.OfAsync(upload, cancellationToken);
        var inspection = await inspections.OfAsync(text, operation, cancellationToken);
        var mapping = source.Mapping is { } kept
            ? RecipeJson.Read<ColumnMapping>(kept)!
            : await DatasetImports.ProposedAsync(text, inspection, limits, cancellationToken);
        var (added, target) = (store.NewTemporaryPath(), store.NewTemporaryPath());
        try
        {
            var report = await new DatasetImporter(limits).ImportAsync(text, inspection, mapping, added, operation, cancellationToken);
            var adds = fetched.Adds && before is not null;
            var version = adds
                ? await JoinAsync(store.PathOf(before!.Sha256), report.Version.Path, target, operation, cancellationToken)
                : report.Version;
            await using var work = await authorizer.OpenAsync(
                operation.Caller,
                operation.ProjectId,
                Permission.ManageData,
                cancellationToken
            );
            var arrived = new Upload(operation.ProjectId, file.Name, length, long.MaxValue, operation.Caller.UserId, work.Now);
            arrived.Complete(sha256, work.Now);
            work.Db.Uploads.Add(arrived);
            (await work.Db.DataSources.SingleAsync(s => s.Id == source.Id, cancellationToken)).Synced(fetched.State, work.Now);
            work.Audit("source.synced", source.Id, null, new { New = report.RowsKept, sha256 });
            var made = new NewVersion(
                VersionKind.Imported,
                version,
                arrived.Id,
                adds ? [before!.Id] : [],
                new ImportRecipe(text.Name, report.SourceSha256, inspection, mapping),
                ImportSummary.Of(report, version.DistinctLabels)
            );
            return await recorder.RecordAsync(
                operation,
                work,
                w => DatasetImports.DatasetOfAsync(w, source.DatasetName, cancellationToken),
                made,
                "dataset.synced",
                cancellationToken
            );
        }
        finally
        {
            File.Delete(added); // not there any more when the store has taken one of them
            File.Delete(target);
        }
    }

    private Task<VersionFile> JoinAsync(
        string before,
        string added,
        string target,
        DatasetOperation operation,
        CancellationToken cancellationToken
    )
    {
        return new VersionWriter(limits).WriteAsync(RowsAsync(cancellationToken), target, operation, cancellationToken);

        async IAsyncEnumerable<CanonicalRow> RowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            foreach (var version in (string[])[before, added])
            {
                // What was split before is dealt anew with the rows that came.
                await foreach (var row in new VersionReader(limits).ReadAsync(version, cancellationToken: cancellationToken))
                {
                    yield return row with
                    {
                        Split = null,
                    };
                }
            }
        }
    }

    /// <summary>Whether the latest version was made of the very same file.</summary>
    private async Task<bool> SameFileAsync(
        DatasetOperation operation,
        string sha256,
        DatasetVersion? before,
        CancellationToken cancellationToken
    )
    {
        if (before?.UploadId is not { } upload)
        {
            return false;
        }

        await using var work = await authorizer.OpenAsync(operation.Caller, operation.ProjectId, Permission.ManageData, cancellationToken);
        return await work.Db.Uploads.AnyAsync(u => u.Id == upload && u.Sha256 == sha256, cancellationToken);
    }

    /// <summary>
    /// The latest imported version of a dataset: what people made of it by cleaning and splitting is theirs, and is not added to.
    /// </summary>
    private static async Task<DatasetVersion?> LatestAsync(ProjectWork work, string datasetName, CancellationToken cancellationToken) =>
        await work
            .Db.DatasetVersions.AsNoTracking()
            .Where(v => v.ProjectId == work.ProjectId && v.Dataset!.Name == datasetName && v.Kind == VersionKind.Imported)
            .OrderByDescending(v => v.Number)
            .FirstOrDefaultAsync(cancellationToken);

    public IReadOnlyCollection<DataJobKind> Kinds { get; } = [DataJobKind.Sync];

    public Task<VersionKey> DoAsync(DatasetOperation operation, CancellationToken cancellationToken) =>
        SyncAsync(operation, operation.Asked<SyncRequest>(), cancellationToken);
}
