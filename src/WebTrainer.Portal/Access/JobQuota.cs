using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Domain;
using WebTrainer.Domain.Runs;

namespace WebTrainer.Portal.Access;

/// <summary>Keeps one person from filling the queue: looked at where jobs are written down, so that no kind of job goes past it.</summary>
public sealed class JobQuota(IOptions<QuotaOptions> options) : SaveChangesInterceptor
{
    public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData,
        InterceptionResult<int> result,
        CancellationToken cancellationToken = default
    )
    {
        if (eventData.Context is AppDb db)
        {
            foreach (
                var (person, added) in db
                    .ChangeTracker.Entries<Job>()
                    .Where(e => e.State == EntityState.Added)
                    .CountBy(e => e.Entity.CreatedBy)
                    .ToList()
            )
            {
                var waiting = await db.Jobs.CountAsync(j => j.CreatedBy == person && j.State == JobState.Queued, cancellationToken);
                if (waiting + added > options.Value.QueuedJobsOfPerson)
                {
                    throw new RuleViolationException(
                        $"{waiting} runs and evaluations of the same person wait in the queue, which is as many as may. Wait until some have begun, or cancel one."
                    );
                }
            }
        }

        return await base.SavingChangesAsync(eventData, result, cancellationToken);
    }
}
