using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Runs;

namespace WebTrainer.Portal.Features.Searches;

/// <summary>The validations of trials, without the points of their training loss.</summary>
internal static class TrialMetrics
{
    public static Task<List<JobMetric>> ReadAsync(AppDb db, List<Guid> jobs, CancellationToken cancellationToken) =>
        db
            .JobMetrics.AsNoTracking()
            .Where(m => jobs.Contains(m.JobId) && m.Loss == null && m.LearningRate == null)
            .OrderBy(m => m.JobId)
            .ThenBy(m => m.Seq)
            .ToListAsync(cancellationToken);
}
