using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>Two versions side by side.</summary>
public sealed partial class DatasetService
{
    /// <summary>What changed from another version to this one.</summary>
    /// <param name="otherId">The earlier version, of any dataset of the project.</param>
    public async Task<VersionDifference> CompareAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        Guid otherId,
        RowChange change,
        long offset,
        int limit,
        CancellationToken cancellationToken
    )
    {
        string before,
            after;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            after = store.PathOf((await FindAsync(work, datasetId, number, cancellationToken)).Sha256);
            before = store.PathOf(
                await work
                    .Db.DatasetVersions.Where(v => v.ProjectId == projectId && v.Id == otherId)
                    .Select(v => v.Sha256)
                    .SingleOrDefaultAsync(cancellationToken)
                    ?? throw new NotFoundException("The version to compare with is not in this project.")
            );
        }

        return await reader.CompareAsync(
            before,
            after,
            change,
            Math.Max(0, offset),
            Math.Clamp(limit, 0, RowQuery.MaxLimit),
            cancellationToken
        );
    }
}
