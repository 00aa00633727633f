using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Policies;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Export;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Cleaning;
using WebTrainer.Portal.Features.Datasets.Policies;
using static WebTrainer.Portal.Features.Datasets.VersionQueries;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>Versions as files for other programs.</summary>
public sealed class DatasetExports(Authorizer authorizer, FileStore store, ImportLimits limits)
{
    /// <summary>Notes the export in the audit log and gives what writes it.</summary>
    public async Task<DatasetExport> ExportAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        ExportFormat format,
        DataSplit? split,
        CancellationToken cancellationToken,
        bool provenance = false
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        if (format == ExportFormat.Parquet && !provenance)
        {
            throw new RuleViolationException("A version is a Parquet file already: take it as it is, or ask for provenance.");
        }

        var version = await FindAsync(work, datasetId, number, cancellationToken);
        await work.CheckPolicyAsync(PolicyAct.ExportData, version, cancellationToken);
        var origins = provenance ? await OriginsAsync(work, version, cancellationToken) : null;
        work.Audit(
            "dataset.exported",
            version.Id,
            null,
            new
            {
                format,
                split,
                version.Rows,
                provenance,
            }
        );
        await work.SaveAsync(cancellationToken);
        return new DatasetExport(version, format, split, store.PathOf(version.Sha256), origins, new DatasetExporter(limits));
    }

    /// <summary>The files that a version's rows came from, and what was set aside on the way.</summary>
    private async Task<VersionOrigins> OriginsAsync(ProjectWork work, DatasetVersion version, CancellationToken cancellationToken)
    {
        var way = (await AncestorsAsync(work, version, cancellationToken)).ToDictionary(v => v.Id);
        var files = way
            .Values.Where(v => v.UploadId is not null)
            .OrderByDescending(v => v.CreatedAt)
            .Select(v => RecipeJson.Read<ImportRecipe>(v.Recipe)!)
            .Select(r => new OriginFile(r.FileName, r.SourceSha256))
            .Distinct();
        var aside = way
            .Values.Where(v => v.Kind == VersionKind.Cleaned)
            .OrderByDescending(v => v.CreatedAt)
            .Select(v => (Version: v, List: RecipeJson.Read<CleanSummary>(v.Report)!.SetAsideSha256))
            .Where(v => v.List is not null)
            .Select(v => new OriginAside(
                store.PathOf(v.List!),
                store.PathOf(way[v.Version.Parents[0]].Sha256),
                NameOf(v.Version),
                [.. RecipeJson.Read<CleanRecipe>(v.Version.Recipe)!.Steps.Select(StepWords.Name)]
            ));
        return new VersionOrigins(NameOf(version), [.. files], [.. aside]);

        static string NameOf(DatasetVersion v) => $"{v.Dataset!.Name} v{v.Number}";
    }

    /// <summary>Notes the export in the audit log and gives the version's file, with a name for people.</summary>
    public async Task<(string Path, string Name)> ParquetAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var version = await FindAsync(work, datasetId, number, cancellationToken);
        await work.CheckPolicyAsync(PolicyAct.ExportData, version, cancellationToken);
        work.Audit("dataset.exported", version.Id, null, new { format = "parquet", version.Rows });
        await work.SaveAsync(cancellationToken);
        return (store.PathOf(version.Sha256), $"{version.Dataset!.Name} v{version.Number}.parquet");
    }
}
