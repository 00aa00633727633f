using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using WebTrainer.Data.Files;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Leaks;
using WebTrainer.Pipeline.Fairness;
using WebTrainer.Pipeline.Queries;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Operations;
using WebTrainer.Portal.Features.Datasets.Sources;
using WebTrainer.Portal.Hosting;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>Datasets and their versions: what there is. Other parts of this class make, clean, split, publish and read them.</summary>
public sealed partial class DatasetService(
    Authorizer authorizer,
    FileStore store,
    DatasetOperations operations,
    Conversions conversions,
    Inspections inspections,
    RowReader reader,
    SetAsideReader setAside,
    InstalledTokenizers tokenizers,
    InstalledEncoders encoders,
    WordIndexes words,
    SourceConnectors connectors,
    SourceSecrets secrets,
    SqlBox sql,
    ImportLimits limits,
    IMemoryCache cache
) : IDisposable
{
    public async Task<IReadOnlyList<DatasetView>> ListAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var datasets = await work
            .Db.Datasets.AsNoTracking()
            .Include(d => d.Versions)
            .Where(d => d.ProjectId == projectId)
            .OrderBy(d => d.Name)
            .ToListAsync(cancellationToken);
        var names = await NamesAsync(work, datasets.SelectMany(d => d.Versions).Select(v => v.CreatedBy), cancellationToken);
        return
        [
            .. datasets.Select(d => new DatasetView(
                d.Id,
                d.Name,
                d.CreatedAt,
                [.. d.Versions.OrderByDescending(v => v.Number).Select(Summary)]
            )),
        ];

        VersionSummary Summary(DatasetVersion v) => new(v.Id, v.Number, v.Kind, v.Rows, names(v.CreatedBy), v.CreatedAt, v.PublishedAt);
    }

    public async Task<VersionView> GetVersionAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return await ViewAsync(work, await FindAsync(work, datasetId, number, cancellationToken), cancellationToken);
    }

    public async Task<Lineage> LineageAsync(Caller caller, Guid projectId, Guid datasetId, int number, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var version = await FindAsync(work, datasetId, number, cancellationToken);
        var all = await work
            .Db.DatasetVersions.AsNoTracking()
            .Include(v => v.Dataset)
            .Where(v => v.ProjectId == projectId)
            .ToListAsync(cancellationToken);
        var runs = await work
            .Db.Runs.Where(r => r.ProjectId == projectId && r.DatasetVersionId == version.Id)
            .OrderBy(r => r.Number)
            .Select(r => new RunRef(r.Id, r.Number, r.Name))
            .ToListAsync(cancellationToken);
        return new Lineage(
            [.. all.Where(v => version.Parents.Contains(v.Id)).Select(Ref)],
            [.. all.Where(v => v.Parents.Contains(version.Id)).OrderBy(v => v.CreatedAt).Select(Ref)],
            runs
        );
    }

    /// <summary>Published versions, the newest first: what a run can be trained on or judged by.</summary>
    public async Task<IReadOnlyList<PublishedDataset>> PublishedAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var versions = await work
            .Db.DatasetVersions.AsNoTracking()
            .Include(v => v.Dataset)
            .Where(v => v.ProjectId == projectId && v.PublishedAt != null)
            .OrderByDescending(v => v.PublishedAt)
            .ToListAsync(cancellationToken);
        return
        [
            .. versions
                .Select(v => (Version: v, Files: Stored.TryRead(() => PublishedFiles.Of(v, store))))
                .Where(read => read.Files is not null) // one that is damaged is no choice
                .Select(read => new PublishedDataset(
                    read.Version.Id,
                    read.Version.DatasetId,
                    read.Version.Dataset!.Name,
                    read.Version.Number,
                    read.Version.PublishedAt!.Value,
                    read.Files!
                )),
        ];
    }

    /// <summary>Long work in this project that runs, waits or ended lately.</summary>
    public async Task<IReadOnlyList<DatasetOperation>> OperationsAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return operations.Of(projectId);
    }

    /// <summary>Stops what runs; takes what has ended off the list.</summary>
    public async Task StopAsync(Caller caller, Guid projectId, Guid operationId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        var operation =
            operations.Find(projectId, operationId) ?? throw new NotFoundException("There is no such operation; it may have ended.");
        if (operation.EndedAt is not null)
        {
            operations.Remove(operation);
            return;
        }

        work.Audit("dataset.operation-stopped", operationId, null, new { operation.Title });
        await work.SaveAsync(cancellationToken);
        operation.Stop();
    }

    public void Dispose()
    {
        _recording.Dispose();
        _asking.Dispose();
    }

    private static async Task<DatasetVersion> FindAsync(
        ProjectWork work,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    ) =>
        await work
            .Db.DatasetVersions.Include(v => v.Dataset)
            .SingleOrDefaultAsync(v => v.ProjectId == work.ProjectId && v.DatasetId == datasetId && v.Number == number, cancellationToken)
        ?? throw new NotFoundException("There is no such dataset version in this project.");

    private static async Task<VersionView> ViewAsync(ProjectWork work, DatasetVersion version, CancellationToken cancellationToken)
    {
        var names = await NamesAsync(work, [version.CreatedBy, version.PublishedBy ?? "", version.LeakReasonBy ?? ""], cancellationToken);
        var parents = await work
            .Db.DatasetVersions.AsNoTracking()
            .Include(v => v.Dataset)
            .Where(v => v.ProjectId == work.ProjectId && version.Parents.Contains(v.Id))
            .ToListAsync(cancellationToken);
        return new VersionView(
            version.Id,
            version.DatasetId,
            version.Dataset!.Name,
            version.Number,
            version.Kind,
            version.Rows,
            version.Bytes,
            version.Sha256,
            names(version.CreatedBy),
            version.CreatedAt,
            version.PublishedAt,
            version.PublishedBy is { } by ? names(by) : null,
            version.UploadId is { } upload ? await FileNameAsync(work, upload, cancellationToken) : null,
            [.. parents.Select(Ref)],
            RecipeJson.Element(version.Recipe),
            RecipeJson.Element(version.Report)
        )
        {
            Leaks = version.Leaks is { } leaks ? RecipeJson.Read<LeakReport>(leaks) : null,
            LeakReason = version.LeakReason,
            LeakReasonBy = version.LeakReasonBy is { } lead ? names(lead) : null,
            Bias = version.BiasReport is { } bias ? RecipeJson.Read<BiasReport>(bias) : null,
        };
    }

    private static Task<string?> FileNameAsync(ProjectWork work, Guid uploadId, CancellationToken cancellationToken) =>
        work
            .Db.Uploads.Where(u => u.Id == uploadId && u.ProjectId == work.ProjectId)
            .Select(u => (string?)u.FileName)
            .SingleOrDefaultAsync(cancellationToken);

    private static VersionRef Ref(DatasetVersion version) =>
        new(version.Id, version.DatasetId, version.Dataset!.Name, version.Number, version.Kind);

    private static async Task<Func<string, string>> NamesAsync(
        ProjectWork work,
        IEnumerable<string> userIds,
        CancellationToken cancellationToken
    )
    {
        var ids = userIds.Distinct().ToList();
        var names = await work.Db.Users.Where(u => ids.Contains(u.Id)).ToDictionaryAsync(u => u.Id, u => u.DisplayName, cancellationToken);
        return id => names.GetValueOrDefault(id, "somebody who left");
    }
}
