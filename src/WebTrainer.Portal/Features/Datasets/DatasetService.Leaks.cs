using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Cleaning.Leaks;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>Rows that are learned from and judge, and who answers for them.</summary>
public sealed partial class DatasetService
{
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
    private async Task<IReadOnlyList<JudgingVersion>> EvaluationSetsAsync(
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
                .Select(v => new JudgingVersion(v.Id, $"{v.Dataset!.Name}, version {v.Number}", store.PathOf(v.Sha256))),
        ];
    }
}
