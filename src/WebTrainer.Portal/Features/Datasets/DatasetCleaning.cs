using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Operations;
using static WebTrainer.Portal.Features.Datasets.VersionQueries;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>Cleaned versions: tried on some rows first, made with a report, taken back row by row.</summary>
public sealed class DatasetCleaning(
    Authorizer authorizer,
    FileStore store,
    DatasetOperations operations,
    VersionRecorder recorder,
    RowReader reader,
    SetAsideReader setAside,
    InstalledTokenizers tokenizers,
    InstalledEncoders encoders,
    ImportLimits limits
) : IDatasetWork
{
    private sealed record CleanRequest(VersionKey Version, CleanRecipe Recipe);

    private const int MaxClusters = 50;

    /// <summary>Tells what a recipe would do to a version, with examples. Nothing is made.</summary>
    public async Task<CleanPreview> PreviewCleaningAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CleanRecipe recipe,
        CancellationToken cancellationToken
    )
    {
        recipe.Check();
        string path;
        CleanSources sources;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken))
        {
            path = await ReadAsync(work, await FindAsync(work, datasetId, number, cancellationToken), store, cancellationToken);
            sources = await SourcesAsync(work, recipe, brief: true, cancellationToken);
        }

        return await Task.Run(() => new Cleaner(limits).PreviewAsync(path, recipe, sources, cancellationToken), cancellationToken);
    }

    /// <summary>Makes the next version of the dataset: the rows that the recipe leaves.</summary>
    public async Task<VersionView> CleanAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CleanRecipe recipe,
        CancellationToken cancellationToken
    ) =>
        await recorder.ResultAsync(
            caller,
            projectId,
            await StartCleanAsync(caller, projectId, datasetId, number, recipe, cancellationToken),
            cancellationToken
        );

    private async Task<VersionKey> CleanAsync(DatasetOperation operation, CleanRequest asked, CancellationToken cancellationToken)
    {
        var (caller, projectId, recipe) = (operation.Caller, operation.ProjectId, asked.Recipe);
        DatasetVersion version;
        CleanSources sources;
        await using (var reading = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken))
        {
            version = await FindAsync(reading, asked.Version.DatasetId, asked.Version.Number, cancellationToken);
            sources = await SourcesAsync(reading, recipe, brief: false, cancellationToken);
        }

        var target = store.NewTemporaryPath();
        string? list = null;
        try
        {
            var report = await new Cleaner(limits).ApplyAsync(
                store.PathOf(version.Sha256),
                recipe,
                target,
                sources,
                operation,
                cancellationToken
            );
            list = report.SetAsidePath;
            var hasSplits = (await reader.ProfileAsync(target, cancellationToken)).Splits.Count > 0;
            var listSha256 = list is null ? null : await store.AddAsync(list, cancellationToken);
            await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
            var made = new NewVersion(
                VersionKind.Cleaned,
                report.Version,
                null,
                [version.Id, .. sources.EvaluationSets.Keys],
                recipe,
                new CleanSummary(report.Steps, report.SetAside, listSha256, hasSplits, report.Seconds)
            );
            return await recorder.RecordAsync(
                operation,
                work,
                w => w.Db.Datasets.SingleAsync(d => d.Id == version.DatasetId, cancellationToken),
                made,
                "dataset.cleaned",
                cancellationToken
            );
        }
        finally
        {
            File.Delete(target); // not there any more when the store has taken them
            if (list is not null)
            {
                File.Delete(list);
            }
        }
    }

    /// <summary>As <see cref="CleanAsync"/>, without waiting for its end.</summary>
    public async Task<DatasetOperation> StartCleanAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CleanRecipe recipe,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        recipe.Check();
        return await StartCleanAsync(work, await FindAsync(work, datasetId, number, cancellationToken), recipe, cancellationToken);
    }

    private async Task<DatasetOperation> StartCleanAsync(
        ProjectWork work,
        DatasetVersion version,
        CleanRecipe recipe,
        CancellationToken cancellationToken
    )
    {
        _ = await SourcesAsync(work, recipe, brief: true, cancellationToken); // refuses now what would be refused later
        return await operations.StartAsync(
            work,
            DataJobKind.Clean,
            version.Id,
            $"Clean {version.Dataset!.Name} version {version.Number}",
            new CleanRequest(new VersionKey(version.DatasetId, version.Number), recipe),
            cancellationToken
        );
    }

    /// <summary>
    /// Takes rows back that the recipe of a cleaned version set aside: the next version is made by the same recipe, which keeps them.
    /// </summary>
    public async Task<DatasetOperation> StartTakeBackAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        IReadOnlyCollection<string> rowIds,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        var version = await CleanedAsync(work, datasetId, number, cancellationToken);
        if (rowIds.Count == 0)
        {
            throw new RuleViolationException("Choose at least one row to take back.");
        }

        var recipe = RecipeJson.Read<CleanRecipe>(version.Recipe)!;
        recipe = recipe with { Keep = [.. recipe.Keep.Union(rowIds)] };
        recipe.Check();
        return await StartCleanAsync(work, await ParentAsync(work, version, cancellationToken), recipe, cancellationToken);
    }

    /// <summary>The recipe of a cleaned version: to keep as a file, to change, to use again.</summary>
    public async Task<CleanRecipe> RecipeAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return RecipeJson.Read<CleanRecipe>((await CleanedAsync(work, datasetId, number, cancellationToken)).Recipe)!;
    }

    /// <summary>Rows that the recipe of a cleaned version set aside, with their reasons.</summary>
    /// <param name="step">Only rows of this step of the recipe, from 0.</param>
    /// <param name="twinId">Only rows that repeat this one.</param>
    public async Task<SetAsidePage> SetAsideAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        int? step,
        string? twinId,
        long offset,
        int limit,
        CancellationToken cancellationToken
    ) =>
        await PathsAsync(caller, projectId, datasetId, number, cancellationToken) is var (list, cleaned)
            ? await setAside.PageAsync(
                list,
                cleaned,
                step,
                twinId,
                Math.Max(0, offset),
                Math.Clamp(limit, 0, Pipeline.Rows.RowQuery.MaxLimit),
                cancellationToken
            )
            : new SetAsidePage([], 0);

    /// <summary>Rows that stand for the most repetitions in a cleaned version.</summary>
    public async Task<IReadOnlyList<DuplicateCluster>> ClustersAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    ) =>
        await PathsAsync(caller, projectId, datasetId, number, cancellationToken) is var (list, cleaned)
            ? await setAside.ClustersAsync(list, cleaned, MaxClusters, cancellationToken)
            : [];

    /// <summary>What the steps name: versions that they compare with, tokenizers that count, encoders.</summary>
    /// <param name="brief">Somebody waits at a page for a few rows.</param>
    private async Task<CleanSources> SourcesAsync(ProjectWork work, CleanRecipe recipe, bool brief, CancellationToken cancellationToken)
    {
        var ids = recipe.Steps.OfType<LeaksStep>().SelectMany(s => s.EvaluationSets).Distinct().ToList();
        var versions = await work
            .Db.DatasetVersions.AsNoTracking()
            .Where(v => v.ProjectId == work.ProjectId && ids.Contains(v.Id))
            .Select(v => new { v.Id, v.Sha256 })
            .ToListAsync(cancellationToken);
        if (versions.Count < ids.Count)
        {
            throw new NotFoundException("An evaluation set that the recipe compares with is not in this project.");
        }

        var known = tokenizers.Folders();
        if (recipe.Steps.OfType<TokenLimitStep>().FirstOrDefault(s => !known.ContainsKey(s.Tokenizer)) is { } step)
        {
            throw new RuleViolationException(
                $"This server has no model '{step.Tokenizer}' whose tokenizer could count. Choose one that it has: {string.Join(", ", known.Keys)}."
            );
        }

        var encoding = encoders.All(brief);
        if (
            recipe.Steps.OfType<SemanticDuplicatesStep>().FirstOrDefault(s => s.Model.Length > 0 && !encoding.ContainsKey(s.Model)) is
            { } comparing
        )
        {
            throw new RuleViolationException(
                $"This server has no encoder '{comparing.Model}' to compare texts by. {EncodersThereAre(encoding.Keys)}"
            );
        }

        return new CleanSources
        {
            EvaluationSets = versions.ToDictionary(v => v.Id, v => store.PathOf(v.Sha256)),
            Tokenizers = known,
            Encoders = encoding,
            NewFile = store.NewTemporaryPath,
        };
    }

    private static string EncodersThereAre(IEnumerable<string> names) =>
        string.Join(", ", names) is { Length: > 0 } list
            ? $"Choose one that it has: {list}; or the built-in one."
            : "It has none: add one under Base models, or choose the built-in one.";

    private async Task<(string List, string Cleaned)?> PathsAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var version = await CleanedAsync(work, datasetId, number, cancellationToken);
        await work.NoteReadAsync(RowsRead, version.Id, cancellationToken);
        return RecipeJson.Read<CleanSummary>(version.Report)!.SetAsideSha256 is { } sha256
            ? (store.PathOf(sha256), store.PathOf((await ParentAsync(work, version, cancellationToken)).Sha256))
            : null;
    }

    private static async Task<DatasetVersion> CleanedAsync(
        ProjectWork work,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        var version = await FindAsync(work, datasetId, number, cancellationToken);
        return version.Kind == VersionKind.Cleaned
            ? version
            : throw new RuleViolationException("This version was not made by cleaning, so no rows were set aside for it.");
    }

    private static async Task<DatasetVersion> ParentAsync(ProjectWork work, DatasetVersion version, CancellationToken cancellationToken)
    {
        var parent = version.Parents[0];
        return await work
            .Db.DatasetVersions.AsNoTracking()
            .Include(v => v.Dataset)
            .SingleAsync(v => v.ProjectId == work.ProjectId && v.Id == parent, cancellationToken);
    }

    public IReadOnlyCollection<DataJobKind> Kinds { get; } = [DataJobKind.Clean];

    public Task<VersionKey> DoAsync(DatasetOperation operation, CancellationToken cancellationToken) =>
        CleanAsync(operation, operation.Asked<CleanRequest>(), cancellationToken);
}
