using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Runs.Approving;

/// <summary>
/// Has runs planned that a project's rule may approve: what a run costs is known by its plan alone, and nobody needs to open its page.
/// </summary>
public sealed class SelfApprovalWatch(
    IDbContextFactory<AppDb> databases,
    RunService runs,
    TimeProvider time,
    ILogger<SelfApprovalWatch> logger
) : SteadyService(logger)
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(10);

    /// <summary>Planned once, whatever came of it: the page plans again where somebody looks.</summary>
    private readonly HashSet<Guid> _looked = [];

    /// <summary>Looks once at all runs that wait.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var (run, caller) in await WaitingAsync(cancellationToken))
        {
            try
            {
                await runs.PlanOfAsync(caller, run.ProjectId, run.Id, cancellationToken);
            }
            catch (Exception refused) when (RefusalHandler.StatusOf(refused) is not null)
            {
                Logger.LogInformation("Run {Run} can't be planned, and waits for a person: {Why}", run.Id, refused.Message);
            }

            _looked.Add(run.Id);
        }
    }

    protected override async Task WorkAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await LookAsync(stoppingToken);
        }
    }

    /// <summary>Runs that nobody planned, of projects with the rule, with who handed them in: in whose right they are planned.</summary>
    private async Task<IReadOnlyList<(Run Run, Caller Caller)>> WaitingAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var projects = (await db.Projects.Where(p => p.Policy != null).Select(p => new { p.Id, p.Policy }).ToListAsync(cancellationToken))
            .Where(p => p.Policy!.SelfApprovedBelow is not null)
            .Select(p => p.Id)
            .ToList();
        if (projects.Count == 0)
        {
            return [];
        }

        var waiting = await db
            .Runs.AsNoTracking()
            .Where(r => projects.Contains(r.ProjectId) && r.Approval == ApprovalState.Submitted && r.PlannedSeconds == null)
            .Where(r =>
                db.Runs.Any(before =>
                    before.ProjectId == r.ProjectId
                    && before.DatasetVersionId == r.DatasetVersionId
                    && before.BaseModel == r.BaseModel
                    && before.Approval == ApprovalState.Approved
                )
            )
            .OrderBy(r => r.SubmittedAt)
            .Join(db.Users, r => r.SubmittedBy, u => u.Id, (r, u) => new { Run = r, u.DisplayName })
            .ToListAsync(cancellationToken);
        return [.. waiting.Where(w => !_looked.Contains(w.Run.Id)).Select(w => (w.Run, new Caller(w.Run.SubmittedBy, w.DisplayName)))];
    }
}
