using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>From files to runs, as a graph.</summary>
public sealed partial class DatasetService
{
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
            .Where(r => r.ProjectId == projectId && shown.Contains(r.DatasetVersionId))
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
                .. runs.Select(r => (r.DatasetVersionId.ToString(), r.Id.ToString())),
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
}
