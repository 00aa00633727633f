using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Queue;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Datasets.Policies;
using WebTrainer.Portal.Features.Projects;

namespace WebTrainer.Portal.Features.Runs.Approving;

/// <summary>Gathers what is known of a run that waits for approval.</summary>
public sealed class RunEvidence(
    Authorizer authorizer,
    RunService runs,
    ProjectPath path,
    ProjectService projects,
    DatasetDocuments documents,
    DatasetRows rows
)
{
    /// <exception cref="RuleViolationException">Nobody here knows its settings or its rows: there is nothing to show.</exception>
    public async Task<RunEvidenceCard> OfAsync(Caller caller, Guid projectId, Guid runId, CancellationToken cancellationToken)
    {
        var view = await runs.GetAsync(caller, projectId, runId, cancellationToken);
        if (view is not { Problem: null, Data: { } data })
        {
            throw new RuleViolationException(
                view.Problem ?? $"Run {view.Run.Number} was brought in as an adapter: nobody here knows what it learned from."
            );
        }

        var before = await BeforeAsync(caller, projectId, view, cancellationToken);
        var goals = await path.GoalsAsync(caller, projectId, cancellationToken);
        return new RunEvidenceCard(
            view.Run.SpecSha256,
            view.SubmittedByName,
            view.Run.SubmittedAt,
            DataEvidence.Of(data, await documents.FactsAsync(caller, projectId, data.DatasetId, data.Number, cancellationToken)),
            await CostAsync(caller, projectId, view.Run, cancellationToken),
            [.. goals.Select(g => new ServedGoal(g.Goal, g.State))],
            before is null ? null : await HeldAgainstAsync(caller, projectId, before, view, cancellationToken),
            before is null ? [] : [.. SettingDifference.Between(Lines(before), Lines(view))]
        );
    }

    private async Task<RunCost> CostAsync(Caller caller, Guid projectId, Run run, CancellationToken cancellationToken)
    {
        var price = await projects.PriceAsync(caller, projectId, cancellationToken);
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var quota = await work.Db.Projects.Where(p => p.Id == projectId).Select(p => p.MonthlyDeviceHours).SingleAsync(cancellationToken);
        double? left = quota is { } hours
            ? Math.Max(0, hours - await MonthlyHours.UsedAsync(work.Db, projectId, work.Now, cancellationToken))
            : null;
        var cost = await work.CostOfAsync(run.PlannedTime, cancellationToken);
        return new RunCost(run.PlannedSeconds, price, left, await work.NeedsTwoApproversAsync(cost, cancellationToken));
    }

    /// <summary>The run of the project that was approved last by itself: trials and adapters that were brought in are none.</summary>
    private async Task<RunView?> BeforeAsync(Caller caller, Guid projectId, RunView view, CancellationToken cancellationToken)
    {
        Guid id;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            id = await work
                .Db.Runs.Where(r =>
                    r.ProjectId == projectId
                    && r.Id != view.Run.Id
                    && r.Approval == ApprovalState.Approved
                    && r.SearchId == null
                    && r.DatasetVersionId != null
                )
                .OrderByDescending(r => r.DecidedAt)
                .Select(r => r.Id)
                .FirstOrDefaultAsync(cancellationToken);
        }

        return id == Guid.Empty || await runs.GetAsync(caller, projectId, id, cancellationToken) is not { Problem: null } before
            ? null
            : before;
    }

    private async Task<ApprovedBefore> HeldAgainstAsync(
        Caller caller,
        Guid projectId,
        RunView before,
        RunView view,
        CancellationToken cancellationToken
    )
    {
        var (was, now) = (before.Data!, view.Data!);
        return new ApprovedBefore(
            before.Run.Id,
            before.Run.Number,
            before.Run.Name,
            before.DecidedByName ?? "somebody",
            before.Run.DecidedAt ?? before.Run.SubmittedAt,
            was,
            was.Id == now.Id ? null : await rows.CountDifferencesAsync(caller, projectId, was.Id, now.Id, cancellationToken)
        );
    }

    private static List<(string Name, string Value)> Lines(RunView run) =>
        [("Learns from", run.DataInWords), .. run.Settings.Select(s => (s.Name, s.Value))];
}
