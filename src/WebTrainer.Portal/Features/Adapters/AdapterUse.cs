using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Judging;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs;
using WebTrainer.Portal.Features.Runs;

namespace WebTrainer.Portal.Features.Adapters;

/// <summary>What stands on an adapter that was brought in: without it, that could not be continued, repeated or explained.</summary>
public sealed class AdapterUse(RunFolders folders)
{
    /// <returns>Who uses it, as "evaluation 3"; none where it may be taken away.</returns>
    public async Task<IReadOnlyList<string>> OfAsync(AppDb db, Run adapter, CancellationToken cancellationToken)
    {
        var (project, id) = (adapter.ProjectId, adapter.Id);
        var folder = Path.GetFileName(folders.Of(adapter.JobId!.Value).Root);
        var name = AdapterNames.Of(adapter);
        return
        [
            .. await db
                .Runs.Where(r => r.ProjectId == project && r.Id != id && r.Spec.Contains(folder))
                .Select(r => "run " + r.Number)
                .ToListAsync(cancellationToken),
            .. await db
                .Evaluations.Where(e => e.ProjectId == project && e.Spec.Contains(folder))
                .Select(e => "evaluation " + e.Number)
                .ToListAsync(cancellationToken),
            .. await db
                .DeploymentVersions.Where(v => v.RunId == id)
                .Join(db.Deployments, v => v.DeploymentId, d => d.Id, (v, d) => "version " + v.Number + " of the endpoint " + d.Name)
                .ToListAsync(cancellationToken),
            .. await db
                .LabelTasks.Where(t => t.ProjectId == project && t.Models.Contains(name))
                .Select(t => "the comparison " + t.Name)
                .ToListAsync(cancellationToken),
            .. await db
                .Judges.Where(j => j.ProjectId == project && j.Source == JudgeSource.Local && j.Model == name && j.RetiredAt == null)
                .Select(j => "the judge " + j.Name)
                .ToListAsync(cancellationToken),
            .. (await db.WeakLabelings.AsNoTracking().Where(w => w.ProjectId == project).ToListAsync(cancellationToken))
                .Where(w => w.Functions.Any(f => f.Model == name))
                .Select(w => "the labelling functions " + w.Name),
        ];
    }
}
