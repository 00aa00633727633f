using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Policies;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Datasets.Policies;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Portal.Features.Runs;

namespace WebTrainer.Portal.Features.Compliance.Checklists;

/// <param name="Subject">What is judged, as people call it; null where the project has no run yet.</param>
public sealed record ChecklistsView(string? Subject, IReadOnlyList<Checklist> Sets);

/// <summary>Judges a run, its data and its endpoint by the ready sets.</summary>
public sealed class ChecklistService(Authorizer authorizer, RunService runs, EvaluationService evaluations, DatasetDocuments documents)
{
    /// <summary>Of the run that answers at an endpoint, else of the newest one.</summary>
    public async Task<ChecklistsView> OfProjectAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        Guid? run;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            run =
                await LiveRunAsync(work, cancellationToken)
                ?? await work
                    .Db.Runs.Where(r => r.ProjectId == projectId && r.JobId != null)
                    .OrderByDescending(r => r.Number)
                    .Select(r => (Guid?)r.Id)
                    .FirstOrDefaultAsync(cancellationToken);
        }

        return await OfRunAsync(caller, projectId, run, cancellationToken);
    }

    /// <param name="runId">Null judges the project without a run.</param>
    public async Task<ChecklistsView> OfRunAsync(Caller caller, Guid projectId, Guid? runId, CancellationToken cancellationToken)
    {
        var view = runId is { } id ? await runs.GetAsync(caller, projectId, id, cancellationToken) : null;
        var facts = view?.Data is { } data
            ? await documents.FactsAsync(caller, projectId, data.DatasetId, data.Number, cancellationToken)
            : null;
        var evaluation = runId is { } judged ? await evaluations.NewestOfRunAsync(caller, projectId, judged, cancellationToken) : null;
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var live = await (
            from version in work.Db.DeploymentVersions
            join deployment in work.Db.Deployments on version.DeploymentId equals deployment.Id
            where version.RunId == runId && runId != null && deployment.LiveVersionId == version.Id
            orderby deployment.Name
            select new
            {
                deployment.Id,
                deployment.Purpose,
                deployment.ContentDays,
            }
        ).FirstOrDefaultAsync(cancellationToken);
        var name = view is null ? null : $"Run {view.Run.Number} · {view.Run.Name}";
        return new(
            name,
            ReadySets.Of(
                new ChecklistFacts(
                    await work.PolicyAsync(cancellationToken) ?? ProjectPolicy.None,
                    facts,
                    view?.Data is { } named
                        ? await work
                            .Db.DatasetVersions.Where(v => v.Id == named.Id)
                            .Select(v => v.PersonalRows)
                            .SingleAsync(cancellationToken)
                        : null,
                    name,
                    view is { Problem: null, Run.IsImported: false } ? view.Spec : null,
                    evaluation?.Report,
                    await work.Db.Goals.CountAsync(g => g.ProjectId == projectId, cancellationToken),
                    live?.Purpose,
                    live?.ContentDays,
                    live is null ? 0 : await work.Db.AlertRules.CountAsync(a => a.DeploymentId == live.Id, cancellationToken)
                )
            )
        );
    }

    private static Task<Guid?> LiveRunAsync(ProjectWork work, CancellationToken cancellationToken) =>
        (
            from deployment in work.Db.Deployments
            join version in work.Db.DeploymentVersions on deployment.LiveVersionId equals version.Id
            where deployment.ProjectId == work.ProjectId && version.RunId != null
            orderby version.LiveAt descending
            select version.RunId
        ).FirstOrDefaultAsync(cancellationToken);
}
