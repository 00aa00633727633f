using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Making;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Operations;
using static WebTrainer.Portal.Features.Datasets.VersionQueries;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>Split versions with rows that rules made of those to learn from, marked for ever and never judged by.</summary>
public sealed class DatasetMaking(
    Authorizer authorizer,
    FileStore store,
    DatasetOperations operations,
    VersionRecorder recorder,
    ImportLimits limits
) : IDatasetWork
{
    private sealed record MakeRequest(VersionKey Version, MakeRecipe Recipe);

    /// <summary>Makes the next version of the dataset, with made rows added.</summary>
    public async Task<VersionView> MakeAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        MakeRecipe recipe,
        CancellationToken cancellationToken
    ) =>
        await recorder.ResultAsync(
            caller,
            projectId,
            await StartMakeAsync(caller, projectId, datasetId, number, recipe, cancellationToken),
            cancellationToken
        );

    /// <summary>As <see cref="MakeAsync"/>, without waiting for its end.</summary>
    /// <exception cref="RuleViolationException">Nothing can be made by the recipe; the sentence names the field.</exception>
    public async Task<DatasetOperation> StartMakeAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        MakeRecipe recipe,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(recipe);
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        if (recipe.WhyNot() is { } reason)
        {
            throw new RuleViolationException(reason);
        }

        var version = await FindAsync(work, datasetId, number, cancellationToken);
        return await operations.StartAsync(
            work,
            DataJobKind.Make,
            version.Id,
            $"Make rows of {version.Dataset!.Name} version {number}",
            new MakeRequest(new VersionKey(datasetId, number), recipe),
            cancellationToken
        );
    }

    public IReadOnlyCollection<DataJobKind> Kinds { get; } = [DataJobKind.Make];

    public async Task<VersionKey> DoAsync(DatasetOperation operation, CancellationToken cancellationToken)
    {
        var asked = operation.Asked<MakeRequest>();
        var (caller, projectId, recipe) = (operation.Caller, operation.ProjectId, asked.Recipe);
        DatasetVersion version;
        await using (var reading = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken))
        {
            version = await FindAsync(reading, asked.Version.DatasetId, asked.Version.Number, cancellationToken);
        }

        var target = store.NewTemporaryPath();
        try
        {
            var report = await new RowMaker(limits).MakeAsync(store.PathOf(version.Sha256), recipe, target, operation, cancellationToken);
            await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
            return await recorder.RecordAsync(
                operation,
                work,
                w => w.Db.Datasets.SingleAsync(d => d.Id == version.DatasetId, cancellationToken),
                new NewVersion(VersionKind.Made, report.Version, null, [version.Id], recipe, MakeSummary.Of(report)),
                "dataset.made",
                cancellationToken
            );
        }
        finally
        {
            File.Delete(target); // not there any more when the store has taken it
        }
    }
}
