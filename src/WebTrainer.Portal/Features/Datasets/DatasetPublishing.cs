using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Policies;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Leaks;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Publishing;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Operations;
using WebTrainer.Portal.Features.Datasets.Policies;
using WebTrainer.Protocol;
using static WebTrainer.Portal.Features.Datasets.VersionQueries;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>Split versions as files that workers read.</summary>
/// <remarks>
/// What publishing writes into <see cref="DatasetVersion.Snapshot"/> is a <see cref="DatasetFiles"/> as JSON:
/// <c>{"train":{"path":"/data/files/ab/ab12…","sha256":"ab12…","rows":8000},"validation":{…},"test":{…},"general":null,
/// "labels":["card_arrival",…]}</c>.
/// Each file is in the store under its hash; <c>labels</c> is null where answers are free text.
/// </remarks>
public sealed class DatasetPublishing(
    Authorizer authorizer,
    FileStore store,
    DatasetOperations operations,
    VersionRecorder recorder,
    ImportLimits limits
) : IDatasetWork
{
    /// <param name="LooksOnly">Only counts the rows that leak, so that somebody knows before they publish.</param>
    private sealed record PublishRequest(VersionKey Version, bool LooksOnly = false);

    /// <summary>Freezes a split version for runs. It can't be undone: what a run was trained on is evidence.</summary>
    public async Task<VersionView> PublishAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    ) =>
        await recorder.ResultAsync(
            caller,
            projectId,
            await StartPublishAsync(caller, projectId, datasetId, number, cancellationToken),
            cancellationToken
        );

    /// <param name="PersonalRows">Null where no policy asks.</param>
    private sealed record Look(string Path, LeakReport Leaks, long? PersonalRows);

    private async Task<Look> LookAsync(DatasetOperation operation, VersionKey key, CancellationToken cancellationToken)
    {
        string path;
        bool asksForPersonalData;
        IReadOnlyList<EvaluationVersion> judges;
        await using (
            var reading = await authorizer.OpenAsync(operation.Caller, operation.ProjectId, Permission.ManageData, cancellationToken)
        )
        {
            path = store.PathOf((await FindAsync(reading, key.DatasetId, key.Number, cancellationToken)).Sha256);
            judges = await EvaluationSetsAsync(reading, key.DatasetId, cancellationToken);
            asksForPersonalData = (await reading.PolicyAsync(cancellationToken))?.NoPersonalData == true;
        }

        return new(
            path,
            await new LeakAuditor(limits).AuditAsync(path, judges, operation, cancellationToken),
            asksForPersonalData ? await new PersonalDataCount(limits).OfAsync(path, operation, cancellationToken) : null
        );
    }

    private static void Note(ProjectWork work, DatasetVersion version, Look look)
    {
        version.NoteLeaks(look.Leaks.Rows, RecipeJson.Write(look.Leaks));
        if (look.PersonalRows is { } rows)
        {
            version.NotePersonalData(rows);
        }

        work.Audit("dataset.leaks-counted", version.Id, null, new { LeakingRows = look.Leaks.Rows, look.PersonalRows });
    }

    /// <summary>Keeps what was found, so that people see it where the policy refuses; then asks the policy.</summary>
    private async Task JudgeAsync(DatasetOperation operation, VersionKey key, Look look, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(operation.Caller, operation.ProjectId, Permission.ManageData, cancellationToken);
        if (await work.PolicyAsync(cancellationToken) is null)
        {
            return;
        }

        var version = await FindAsync(work, key.DatasetId, key.Number, cancellationToken);
        Note(work, version, look);
        await work.SaveAsync(cancellationToken);
        await work.CheckPolicyAsync(PolicyAct.Publish, version, cancellationToken);
    }

    private async Task<VersionKey> NoteLeaksAsync(DatasetOperation operation, VersionKey key, CancellationToken cancellationToken)
    {
        var look = await LookAsync(operation, key, cancellationToken);
        await using var work = await authorizer.OpenAsync(operation.Caller, operation.ProjectId, Permission.ManageData, cancellationToken);
        var version = await FindAsync(work, key.DatasetId, key.Number, cancellationToken);
        Note(work, version, look);
        await VersionRecorder.EndJobAsync(work, operation, key, cancellationToken);
        await work.SaveAsync(cancellationToken);
        return key;
    }

    private async Task<VersionKey> PublishAsync(DatasetOperation operation, VersionKey key, CancellationToken cancellationToken)
    {
        var (caller, projectId) = (operation.Caller, operation.ProjectId);
        var look = await LookAsync(operation, key, cancellationToken);
        await JudgeAsync(operation, key, look, cancellationToken);
        var (path, leaks) = (look.Path, look.Leaks);
        var snapshot = store.NewTemporaryPath();
        try
        {
            var (files, unanswered) = await new SnapshotWriter(limits).WriteAsync(path, snapshot, operation, cancellationToken);
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
            await VersionRecorder.EndJobAsync(work, operation, key, cancellationToken);
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

    /// <summary>As <see cref="PublishAsync"/>, without waiting for its end.</summary>
    public Task<DatasetOperation> StartPublishAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    ) => StartAsync(caller, projectId, new(new(datasetId, number)), "Publish", cancellationToken);

    /// <summary>Counts the rows that a version would be judged by and learn from, before somebody publishes it for good.</summary>
    public Task<DatasetOperation> StartLeakCountAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    ) => StartAsync(caller, projectId, new(new(datasetId, number), LooksOnly: true), "Count leaks of", cancellationToken);

    private async Task<DatasetOperation> StartAsync(
        Caller caller,
        Guid projectId,
        PublishRequest request,
        string does,
        CancellationToken cancellationToken
    )
    {
        var (datasetId, number) = request.Version;
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
            $"{does} {version.Dataset!.Name} version {number}",
            request,
            cancellationToken
        );
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

    /// <summary>A lead writes why runs may use a version although some of its rows are judged by what stands in them.</summary>
    public async Task AcceptLeaksAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        string reason,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ApproveRuns, cancellationToken);
        var version = await FindAsync(work, datasetId, number, cancellationToken);
        var before = version.LeakReason;
        version.AcceptLeaks(reason, caller.UserId, work.Now);
        work.Audit("dataset.leaks-accepted", version.Id, new { Reason = before }, new { version.LeakRows, Reason = version.LeakReason });
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>The latest published versions of the project's other datasets: their test rows judge too.</summary>
    private async Task<IReadOnlyList<EvaluationVersion>> EvaluationSetsAsync(
        ProjectWork work,
        Guid datasetId,
        CancellationToken cancellationToken
    )
    {
        var versions = await work
            .Db.DatasetVersions.AsNoTracking()
            .Include(v => v.Dataset)
            .Where(v => v.ProjectId == work.ProjectId && v.DatasetId != datasetId && v.PublishedAt != null)
            .OrderByDescending(v => v.PublishedAt)
            .ToListAsync(cancellationToken);
        return
        [
            .. versions
                .DistinctBy(v => v.DatasetId)
                .Where(v => PublishedFiles.Of(v, store).Test is not null)
                .Take(LeaksStep.MaxEvaluationSets)
                .Select(v => new EvaluationVersion(v.Id, $"{v.Dataset!.Name}, version {v.Number}", store.PathOf(v.Sha256))),
        ];
    }

    public IReadOnlyCollection<DataJobKind> Kinds { get; } = [DataJobKind.Publish];

    public Task<VersionKey> DoAsync(DatasetOperation operation, CancellationToken cancellationToken) =>
        operation.Asked<PublishRequest>() is { LooksOnly: true } asked
            ? NoteLeaksAsync(operation, asked.Version, cancellationToken)
            : PublishAsync(operation, operation.Asked<PublishRequest>().Version, cancellationToken);
}
