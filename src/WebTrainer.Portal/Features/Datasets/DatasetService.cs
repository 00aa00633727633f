using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Operations;
using WebTrainer.Portal.Hosting;
using static WebTrainer.Portal.Features.Datasets.VersionQueries;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>Datasets and their versions: what there is, and what was made of what.</summary>
public sealed class DatasetService(Authorizer authorizer, FileStore store, DatasetOperations operations)
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

    /// <summary>Everything that a version was made of, and everything that was made of it.</summary>
    public async Task<LineageGraphView> LineageGraphAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var here = await FindAsync(work, datasetId, number, cancellationToken);
        var all = await work
            .Db.DatasetVersions.AsNoTracking()
            .Include(v => v.Dataset)
            .Where(v => v.ProjectId == projectId)
            .ToListAsync(cancellationToken);
        var shown = Reach(here.Id, id => all.Where(v => v.Id == id).SelectMany(v => v.Parents))
            .Union(Reach(here.Id, id => all.Where(v => v.Parents.Contains(id)).Select(v => v.Id)))
            .ToHashSet();
        var versions = all.Where(v => shown.Contains(v.Id)).OrderBy(v => v.CreatedAt).ToList();
        var uploads = await UploadsOfAsync(work, versions, cancellationToken);
        var runs = await work
            .Db.Runs.AsNoTracking()
            .Where(r => r.ProjectId == projectId && r.DatasetVersionId != null && shown.Contains(r.DatasetVersionId.Value))
            .OrderBy(r => r.Number)
            .ToListAsync(cancellationToken);
        return new LineageGraphView(
            here.Id.ToString(),
            [
                .. uploads.Select(u => new LineageNode(u.Id.ToString(), u.FileName, "file", $"/p/{projectId}/data")),
                .. versions.Select(v => new LineageNode(
                    v.Id.ToString(),
                    $"{v.Dataset!.Name} v{v.Number}",
                    $"{DatasetWords.Name(v.Kind)}, {v.Rows:N0} rows",
                    $"/p/{projectId}/data/{v.DatasetId}/v/{v.Number}"
                )),
                .. runs.Select(r => new LineageNode(r.Id.ToString(), $"Run {r.Number}", r.Name, $"/p/{projectId}/runs/{r.Id}")),
            ],
            [
                .. versions.Where(v => v.UploadId is not null).Select(v => (v.UploadId.ToString()!, v.Id.ToString())),
                .. versions.SelectMany(v => v.Parents.Where(shown.Contains).Select(p => (p.ToString(), v.Id.ToString()))),
                .. runs.Select(r => (r.DatasetVersionId.ToString()!, r.Id.ToString())),
            ]
        );
    }

    private static HashSet<Guid> Reach(Guid start, Func<Guid, IEnumerable<Guid>> next)
    {
        var reached = new HashSet<Guid> { start };
        var open = new Stack<Guid>([start]);
        while (open.TryPop(out var id))
        {
            foreach (var found in next(id).Where(reached.Add))
            {
                open.Push(found);
            }
        }

        return reached;
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
                )
                {
                    LeaksUnanswered = read.Version is { LeakRows: > 0, LeakReason: null },
                }),
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
}
