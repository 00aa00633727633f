using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>Stored curves of several runs of one project.</summary>
public sealed class RunCurves(Authorizer authorizer)
{
    /// <returns>Metrics in order, by run; empty for runs that never started.</returns>
    public async Task<IReadOnlyDictionary<Guid, IReadOnlyList<JobMetric>>> ReadAsync(
        Caller caller,
        Guid projectId,
        IReadOnlyCollection<Guid> runIds,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var jobs = await work
            .Db.Runs.Where(r => r.ProjectId == projectId && runIds.Contains(r.Id))
            .Select(r => new { r.Id, r.JobId })
            .ToListAsync(cancellationToken);
        var jobIds = jobs.Select(j => j.JobId).OfType<Guid>().ToList();
        var metrics = (
            await work.Db.JobMetrics.AsNoTracking().Where(m => jobIds.Contains(m.JobId)).OrderBy(m => m.Seq).ToListAsync(cancellationToken)
        ).ToLookup(m => m.JobId);
        return jobs.ToDictionary(j => j.Id, j => (IReadOnlyList<JobMetric>)(j.JobId is { } id ? [.. metrics[id]] : []));
    }
}
