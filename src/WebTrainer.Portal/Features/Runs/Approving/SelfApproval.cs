using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Policies;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Queue;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Policies;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs.Approving;

/// <summary>
/// Approves a run by the project's rule: it costs less than a bound, and a person approved one of the same data and method. All that a
/// person's approval is held to holds here too; what fails it waits for a person.
/// </summary>
public sealed class SelfApproval(JobSubmission submission, ILogger<SelfApproval> logger)
{
    /// <summary>Approved runs on the same rows that are looked through, from the newest.</summary>
    private const int MostLooked = 100;

    /// <param name="work">Of who may hand the run in.</param>
    /// <returns>Whether it was approved.</returns>
    public async Task<bool> TryAsync(ProjectWork work, Guid runId, CancellationToken cancellationToken)
    {
        if (await work.PolicyAsync(cancellationToken) is not { SelfApprovedBelow: not null } policy)
        {
            return false;
        }

        var run = await work.Db.Runs.SingleAsync(r => r.Id == runId && r.ProjectId == work.ProjectId, cancellationToken);
        var cost = await work.CostOfAsync(run.PlannedTime, cancellationToken);
        if (
            run is not { Approval: ApprovalState.Submitted, FirstApprovedBy: null }
            || !policy.LetsPass(cost)
            || await LikeAsync(work, run, cancellationToken) is not { } before
        )
        {
            return false;
        }

        try
        {
            await ApproveAsync(work, run, before, cost, cancellationToken);
            return true;
        }
        catch (Exception refused) when (refused is RuleViolationException or ConflictException)
        {
            logger.LogInformation("Run {Run} is not approved by itself: {Why}", runId, refused.Message);
            return false;
        }
    }

    private async Task ApproveAsync(ProjectWork work, Run run, Run before, double? cost, CancellationToken cancellationToken)
    {
        var version = await work.VersionAsync(run.DatasetVersionId!.Value, cancellationToken);
        version.CheckLeaks();
        await RunService.CheckPolicyAsync(work, PolicyAct.Run, run, version, cancellationToken);
        await work.CheckPersonsAsync(run.SubmittedBy, before.DecidedBy!, cancellationToken);
        var job = run.ApproveLike(before, work.Now);
        work.Db.Jobs.Add(job);
        work.Audit(
            "run.approved-by-rule",
            run.Id,
            new { Approval = ApprovalState.Submitted },
            new
            {
                run.Approval,
                run.SpecSha256,
                JobId = job.Id,
                Like = before.Number,
                LikeSha256 = before.SpecSha256,
                Cost = cost,
            }
        );
        await submission.SubmitAsync(job, run.Spec, () => work.SaveAsync(cancellationToken));
    }

    /// <summary>The newest run of the same rows and method that somebody else than who hands this one in approved; null for none.</summary>
    private static async Task<Run?> LikeAsync(ProjectWork work, Run run, CancellationToken cancellationToken)
    {
        if (MethodOf(run) is not { } method)
        {
            return null;
        }

        var approved = await work
            .Db.Runs.AsNoTracking()
            .Where(r =>
                r.ProjectId == run.ProjectId
                && r.DatasetVersionId == run.DatasetVersionId
                && r.BaseModel == run.BaseModel
                && r.Approval == ApprovalState.Approved
                && r.LikeRunId == null
                && r.SearchId == null
                && r.DecidedBy != null
                && r.DecidedBy != run.SubmittedBy
            )
            .OrderByDescending(r => r.DecidedAt)
            .Take(MostLooked)
            .ToListAsync(cancellationToken);
        return approved.Find(r => MethodOf(r) == method);
    }

    /// <summary>
    /// All that is told to the worker but rates, batches, epochs, seed and device: base model and its hash, rows, which weights learn and
    /// how, objective, head, privacy, and what it goes on from.
    /// </summary>
    private static string? MethodOf(Run run) =>
        StoredSpec.TryRead(run.Spec, run.SpecSha256) is { } spec
            ? (spec with { RunId = Guid.Empty, Training = new(), Seed = 0, Device = DeviceName.Cpu }).ToText()
            : null;
}
