using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Splits;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Operations;
using static WebTrainer.Portal.Features.Datasets.VersionQueries;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>Split versions with the rows of another added: what judged before judges on.</summary>
public sealed class DatasetJoins(
    Authorizer authorizer,
    FileStore store,
    DatasetOperations operations,
    VersionRecorder recorder,
    ImportLimits limits
) : IDatasetWork
{
    private sealed record JoinRequest(VersionKey Version, JoinRecipe Recipe);

    /// <summary>Makes the next version of the dataset, with the other version's rows added.</summary>
    public async Task<VersionView> JoinAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        JoinRecipe recipe,
        CancellationToken cancellationToken
    ) =>
        await recorder.ResultAsync(
            caller,
            projectId,
            await StartJoinAsync(caller, projectId, datasetId, number, recipe, cancellationToken),
            cancellationToken
        );

    /// <summary>As <see cref="JoinAsync"/>, without waiting for its end.</summary>
    public async Task<DatasetOperation> StartJoinAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        JoinRecipe recipe,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        if (!(recipe.Validation >= 0 && recipe.Test >= 0 && recipe.Validation + recipe.Test <= 1))
        {
            throw new RuleViolationException("The shares of validation and test are from 0 to 1, together at most 1.");
        }

        var version = await FindAsync(work, datasetId, number, cancellationToken);
        var added = await AddedAsync(work, version, recipe, cancellationToken);
        return await operations.StartAsync(
            work,
            DataJobKind.Join,
            version.Id,
            $"Add {added.Dataset!.Name} version {added.Number} to {version.Dataset!.Name} version {number}",
            new JoinRequest(new VersionKey(datasetId, number), recipe),
            cancellationToken
        );
    }

    public IReadOnlyCollection<DataJobKind> Kinds { get; } = [DataJobKind.Join];

    public async Task<VersionKey> DoAsync(DatasetOperation operation, CancellationToken cancellationToken)
    {
        var asked = operation.Asked<JoinRequest>();
        var (caller, projectId, recipe) = (operation.Caller, operation.ProjectId, asked.Recipe);
        DatasetVersion version,
            added;
        await using (var reading = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken))
        {
            version = await FindAsync(reading, asked.Version.DatasetId, asked.Version.Number, cancellationToken);
            added = await AddedAsync(reading, version, recipe, cancellationToken);
        }

        var target = store.NewTemporaryPath();
        try
        {
            var report = await new Joiner(limits).JoinAsync(
                store.PathOf(version.Sha256),
                store.PathOf(added.Sha256),
                target,
                recipe.Validation,
                recipe.Test,
                recipe.Seed,
                operation,
                cancellationToken
            );
            await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
            return await recorder.RecordAsync(
                operation,
                work,
                w => w.Db.Datasets.SingleAsync(d => d.Id == version.DatasetId, cancellationToken),
                new NewVersion(VersionKind.Joined, report.Version, null, [version.Id, added.Id], recipe, JoinSummary.Of(report)),
                "dataset.joined",
                cancellationToken
            );
        }
        finally
        {
            File.Delete(target); // not there any more when the store has taken it
        }
    }

    private static async Task<DatasetVersion> AddedAsync(
        ProjectWork work,
        DatasetVersion version,
        JoinRecipe recipe,
        CancellationToken cancellationToken
    )
    {
        if (recipe.AddedVersionId == version.Id)
        {
            throw new RuleViolationException("A version can't be added to itself. Choose another version.");
        }

        return await work
                .Db.DatasetVersions.AsNoTracking()
                .Include(v => v.Dataset)
                .SingleOrDefaultAsync(v => v.ProjectId == work.ProjectId && v.Id == recipe.AddedVersionId, cancellationToken)
            ?? throw new NotFoundException("The version whose rows are to be added is not in this project.");
    }
}
