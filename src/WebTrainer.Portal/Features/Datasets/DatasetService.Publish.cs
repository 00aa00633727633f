using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Cleaning.Leaks;
using WebTrainer.Pipeline.Publishing;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Operations;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>Split versions as files that workers read.</summary>
/// <remarks>
/// What publishing writes into <see cref="DatasetVersion.Snapshot"/> is a <see cref="DatasetFiles"/> as JSON:
/// <c>{"train":{"path":"/data/files/ab/ab12…","sha256":"ab12…","rows":8000},"validation":{…},"test":{…},"general":null,
/// "labels":["card_arrival",…]}</c>.
/// Each file is in the store under its hash; <c>labels</c> is null where answers are free text.
/// </remarks>
public sealed partial class DatasetService
{
    /// <summary>Freezes a split version for runs. It can't be undone: what a run was trained on is evidence.</summary>
    public async Task<VersionView> PublishAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    ) =>
        await ResultAsync(
            caller,
            projectId,
            await StartPublishAsync(caller, projectId, datasetId, number, cancellationToken),
            cancellationToken
        );

    /// <summary>As <see cref="PublishAsync"/>, without waiting for its end.</summary>
    public async Task<DatasetOperation> StartPublishAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        var version = await FindAsync(work, datasetId, number, cancellationToken);
        if (version.Kind == VersionKind.Cleaned && !RecipeJson.Read<CleanSummary>(version.Report)!.HasSplits)
        {
            throw new RuleViolationException(
                "Split this version into train, validation and test first; only a split version can be published."
            );
        }

        version.CheckCanBePublished(); // refuses now what would be refused at the end
        return await operations.StartAsync(
            work,
            DataJobKind.Publish,
            version.Id,
            $"Publish {version.Dataset!.Name} version {number}",
            new PublishRequest(new VersionKey(datasetId, number)),
            cancellationToken
        );
    }

    private async Task<VersionKey> PublishAsync(DatasetOperation operation, PublishRequest asked, CancellationToken cancellationToken)
    {
        var (caller, projectId, key) = (operation.Caller, operation.ProjectId, asked.Version);
        string path;
        IReadOnlyList<JudgingVersion> judges;
        await using (var reading = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken))
        {
            path = store.PathOf((await FindAsync(reading, key.DatasetId, key.Number, cancellationToken)).Sha256);
            judges = await EvaluationSetsAsync(reading, key.DatasetId, cancellationToken);
        }

        var snapshot = store.NewTemporaryPath();
        try
        {
            var (files, unanswered) = await new SnapshotWriter(limits).WriteAsync(path, snapshot, operation, cancellationToken);
            var leaks = await new LeakAuditor(limits).AuditAsync(path, judges, operation, cancellationToken);
            files = files with
            {
                Train = await StoreAsync(files.Train, cancellationToken),
                Validation = await StoreAsync(files.Validation, cancellationToken),
                Test = await StoreAsync(files.Test, cancellationToken),
            };
            await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
            var version = await FindAsync(work, key.DatasetId, key.Number, cancellationToken);
            version.Publish(RecipeJson.Write(files), caller.UserId, work.Now);
            version.NoteLeaks(leaks.Rows, RecipeJson.Write(leaks));
            work.Audit(
                "dataset.published",
                version.Id,
                null,
                new
                {
                    version.Dataset!.Name,
                    version.Number,
                    Train = files.Train?.Rows,
                    Validation = files.Validation?.Rows,
                    Test = files.Test?.Rows,
                    Unanswered = unanswered,
                    LeakingRows = leaks.Rows,
                }
            );
            await EndJobAsync(work, operation, key, cancellationToken);
            await work.SaveAsync(cancellationToken);
            return key;
        }
        finally
        {
            if (Directory.Exists(snapshot))
            {
                Directory.Delete(snapshot, recursive: true);
            }
        }
    }

    private async Task<DatasetFile?> StoreAsync(DatasetFile? file, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            return null;
        }

        var sha256 = await store.AddAsync(file.Path, cancellationToken);
        return file with { Path = store.PathOf(sha256) };
    }
}
