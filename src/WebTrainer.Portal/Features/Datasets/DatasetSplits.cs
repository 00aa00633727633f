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

/// <summary>Versions divided into rows to learn from, to validate on and to judge by.</summary>
public sealed class DatasetSplits(
    Authorizer authorizer,
    FileStore store,
    DatasetOperations operations,
    VersionRecorder recorder,
    ImportLimits limits
) : IDatasetWork
{
    private sealed record SplitRequest(VersionKey Version, SplitRecipe Recipe);

    /// <summary>Makes the next version of the dataset, split as the recipe says.</summary>
    public async Task<VersionView> SplitAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        SplitRecipe recipe,
        CancellationToken cancellationToken
    ) =>
        await recorder.ResultAsync(
            caller,
            projectId,
            await StartSplitAsync(caller, projectId, datasetId, number, recipe, cancellationToken),
            cancellationToken
        );

    private async Task<VersionKey> SplitAsync(DatasetOperation operation, SplitRequest asked, CancellationToken cancellationToken)
    {
        var (caller, projectId, recipe) = (operation.Caller, operation.ProjectId, asked.Recipe);
        DatasetVersion version;
        DatasetVersion? test;
        await using (var reading = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken))
        {
            version = await FindAsync(reading, asked.Version.DatasetId, asked.Version.Number, cancellationToken);
            test = recipe.TestVersionId is { } testId ? await TestVersionAsync(reading, version, testId, cancellationToken) : null;
        }

        var target = store.NewTemporaryPath();
        try
        {
            operation.Report(new WorkProgress("Dealing rows", 0, 0));
            var report = await DealAsync(store.PathOf(version.Sha256), test, recipe, target, operation, cancellationToken);
            await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
            var made = new NewVersion(
                VersionKind.Split,
                report.Version,
                null,
                test is null ? [version.Id] : [version.Id, test.Id],
                recipe,
                new SplitSummary(
                    RowsOf(DataSplit.Train),
                    RowsOf(DataSplit.Validation),
                    RowsOf(DataSplit.Test),
                    report.Leaks,
                    report.LeaksDropped
                )
            );
            return await recorder.RecordAsync(
                operation,
                work,
                w => w.Db.Datasets.SingleAsync(d => d.Id == version.DatasetId, cancellationToken),
                made,
                "dataset.split",
                cancellationToken
            );

            long RowsOf(DataSplit split) => report.Rows.GetValueOrDefault(split);
        }
        finally
        {
            File.Delete(target); // not there any more when the store has taken it
        }
    }

    /// <summary>As <see cref="SplitAsync"/>, without waiting for its end.</summary>
    public async Task<DatasetOperation> StartSplitAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        SplitRecipe recipe,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        Check(recipe);
        var version = await FindAsync(work, datasetId, number, cancellationToken);
        if (recipe.TestVersionId is { } testId)
        {
            _ = await TestVersionAsync(work, version, testId, cancellationToken); // refuses now what would be refused later
        }

        return await operations.StartAsync(
            work,
            DataJobKind.Split,
            version.Id,
            $"Split {version.Dataset!.Name} version {number}",
            new SplitRequest(new VersionKey(datasetId, number), recipe),
            cancellationToken
        );
    }

    private Task<SplitReport> DealAsync(
        string version,
        DatasetVersion? test,
        SplitRecipe recipe,
        string target,
        IProgress<WorkProgress> progress,
        CancellationToken cancellationToken
    )
    {
        var splitter = new Splitter(limits);
        if (recipe.Stable)
        {
            return splitter.SplitByHashAsync(
                version,
                target,
                new SplitShares(recipe.Validation, recipe.Test),
                recipe.GroupBy,
                recipe.Seed,
                progress,
                cancellationToken
            );
        }

        if (test is null)
        {
            return splitter.SplitAsync(
                version,
                target,
                new SplitShares(recipe.Validation, recipe.Test),
                recipe.Seed,
                progress,
                cancellationToken
            );
        }

        return splitter.ComposeAsync(
            [new VersionPart(version, DataSplit.Train), new VersionPart(store.PathOf(test.Sha256), DataSplit.Test)],
            target,
            new ComposeOptions
            {
                ValidationShare = recipe.Validation,
                Seed = recipe.Seed,
                DropLeaks = recipe.DropLeaks,
            },
            progress,
            cancellationToken
        );
    }

    private static void Check(SplitRecipe recipe)
    {
        if (!(recipe.Validation >= 0 && recipe.Test >= 0 && recipe.Validation + recipe.Test < 1))
        {
            throw new RuleViolationException("The shares of validation and test are from 0 to 1, and leave something to train on.");
        }

        if (recipe.Stable && recipe.TestVersionId is not null || recipe.GroupBy is not null && !recipe.Stable)
        {
            throw new RuleViolationException(
                "A column keeps groups together only where rows are dealt by their hash, without another version as the test split."
            );
        }

        if (recipe.TestVersionId is not null && recipe.Test > 0)
        {
            throw new RuleViolationException("Give either a share for test or a version that is the test split, not both.");
        }
    }

    private static async Task<DatasetVersion> TestVersionAsync(
        ProjectWork work,
        DatasetVersion version,
        Guid testId,
        CancellationToken cancellationToken
    )
    {
        if (testId == version.Id)
        {
            throw new RuleViolationException("A version can't be its own test split. Choose another version.");
        }

        return await work
                .Db.DatasetVersions.AsNoTracking()
                .SingleOrDefaultAsync(v => v.ProjectId == work.ProjectId && v.Id == testId, cancellationToken)
            ?? throw new NotFoundException("The version for the test split is not in this project.");
    }

    public IReadOnlyCollection<DataJobKind> Kinds { get; } = [DataJobKind.Split];

    public Task<VersionKey> DoAsync(DatasetOperation operation, CancellationToken cancellationToken) =>
        SplitAsync(operation, operation.Asked<SplitRequest>(), cancellationToken);
}
