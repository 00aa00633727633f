using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Queue;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Runs.Waiting;

/// <summary>Where a job of the project stands in the queue of all projects.</summary>
/// <param name="Kind">As the workers' protocol names it: <c>train</c>, <c>evaluate</c>.</param>
/// <param name="Place">In line, from 1, others' jobs counted.</param>
/// <param name="StartsAt">About when it begins; null where it may not begin now, or nothing can be said.</param>
/// <param name="IsRough">It hangs on a job of which nobody knows how long it takes.</param>
/// <param name="Because">Why it waits.</param>
/// <param name="GoesOn">It began already, and gave its device to short work.</param>
public sealed record QueueStanding(
    Guid JobId,
    string Kind,
    int Place,
    DateTimeOffset? StartsAt,
    bool IsRough,
    string Because,
    JobPriority Priority,
    bool GoesOn
)
{
    internal static QueueStanding Of(QueueEntry entry) =>
        new(
            entry.Job.Id,
            entry.Job.Kind,
            entry.Place,
            entry.StartsAt,
            entry.IsRough,
            QueueWords.Sentence(entry),
            entry.Job.Priority,
            entry.Job.YieldedAt is not null
        );
}

/// <summary>Waiting jobs of a project: when they begin, and in which order of their own.</summary>
public sealed class QueueService(Authorizer authorizer, QueueOutlook outlook, JobQueue queue)
{
    /// <summary>The project's waiting jobs, the next first.</summary>
    public async Task<IReadOnlyList<QueueStanding>> ListAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using (await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            // Opened for its check alone.
        }

        return [.. (await outlook.ReadAsync(cancellationToken)).Where(entry => entry.Job.ProjectId == projectId).Select(QueueStanding.Of)];
    }

    /// <summary>Null where the job waits for nothing.</summary>
    public async Task<QueueStanding?> FindAsync(Caller caller, Guid projectId, Guid jobId, CancellationToken cancellationToken) =>
        (await ListAsync(caller, projectId, cancellationToken)).FirstOrDefault(standing => standing.JobId == jobId);

    /// <summary>Whether pages show what <see cref="RankAsync"/> does.</summary>
    public async Task<bool> MayRankAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return work.Allows(Permission.ApproveRuns);
    }

    /// <summary>Ranks a job anew among the project's own; other projects' jobs stay where they are.</summary>
    /// <exception cref="NotFoundException">There is no such job in this project.</exception>
    public async Task RankAsync(Caller caller, Guid projectId, Guid jobId, JobPriority priority, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ApproveRuns, cancellationToken);
        var job =
            await work.Db.Jobs.SingleOrDefaultAsync(j => j.Id == jobId && j.ProjectId == projectId, cancellationToken)
            ?? throw new NotFoundException("There is no such job in this project.");
        var before = job.Priority;
        job.Rank(priority);
        work.Audit("job.ranked", await SubjectAsync(work, jobId, cancellationToken), new { Priority = before }, new { job.Priority });
        await work.SaveAsync(cancellationToken);
        queue.Enqueued(job);
    }

    /// <summary>The run or evaluation, by which people know the job.</summary>
    private static async Task<Guid> SubjectAsync(ProjectWork work, Guid jobId, CancellationToken cancellationToken) =>
        await work.Db.Runs.Where(r => r.JobId == jobId).Select(r => (Guid?)r.Id).SingleOrDefaultAsync(cancellationToken)
        ?? await work.Db.Evaluations.Where(e => e.JobId == jobId).Select(e => (Guid?)e.Id).SingleOrDefaultAsync(cancellationToken)
        ?? jobId;
}
