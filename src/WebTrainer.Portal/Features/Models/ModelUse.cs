using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Judging;
using WebTrainer.Jobs.Serving;
using WebTrainer.Models;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Models;

/// <summary>What stands on a base model, over all projects: without it, that could not be continued, repeated or explained.</summary>
public sealed class ModelUse(ServingPool serving)
{
    /// <returns>Who uses it, as "run 3 of Claims"; none where it may be taken away.</returns>
    public async Task<IReadOnlyList<string>> OfAsync(AppDb db, BaseModel model, CancellationToken cancellationToken)
    {
        var (id, named, path) = (model.Id, Quoted(model.Id), Quoted(model.Path));
        List<Use> uses =
        [
            .. await db
                .Runs.Where(r => r.BaseModel == id || r.Spec.Contains(path))
                .Select(r => new Use(r.ProjectId, "run", r.Number.ToString()))
                .ToListAsync(cancellationToken),
            .. await db
                .Searches.Where(s => s.BaseModel == id || s.Spec.Contains(named))
                .Select(s => new Use(s.ProjectId, "search", s.Number.ToString()))
                .ToListAsync(cancellationToken),
            .. await db
                .Evaluations.Where(e => e.Spec.Contains(path))
                .Select(e => new Use(e.ProjectId, "evaluation", e.Number.ToString()))
                .ToListAsync(cancellationToken),
            .. await db
                .Judges.Where(j => j.Source == JudgeSource.Local && j.Model == id && j.RetiredAt == null)
                .Select(j => new Use(j.ProjectId, "judge", j.Name))
                .ToListAsync(cancellationToken),
            .. await db
                .DatasetVersions.Where(v => v.Kind == VersionKind.Cleaned && v.Recipe.Contains(named))
                .Select(v => new Use(v.ProjectId, "cleaned dataset", v.Dataset!.Name))
                .Distinct()
                .ToListAsync(cancellationToken),
            .. await db
                .DataJobs.Where(j => j.State == DataJobState.Open && j.Request.Contains(named))
                .Select(j => new Use(j.ProjectId, "work on data", j.Title))
                .ToListAsync(cancellationToken),
            .. await db
                .SavedItems.Where(i => i.Content.Contains(named))
                .Select(i => new Use(i.ProjectId, "kept recipe", i.Name))
                .ToListAsync(cancellationToken),
            .. await db
                .LabelTasks.Where(t => t.ClosedAt == null && t.Models.Contains(id))
                .Select(t => new Use(t.ProjectId, "comparison", t.Name))
                .ToListAsync(cancellationToken),
            .. (await db.WeakLabelings.AsNoTracking().ToListAsync(cancellationToken))
                .Where(w => w.Functions.Any(f => f.Model == id))
                .Select(w => new Use(w.ProjectId, "labelling functions", w.Name)),
        ];
        var projects = await db.Projects.ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken);
        var words = uses.Select(use => $"{use.Kind} {use.Name} of {projects.GetValueOrDefault(use.ProjectId, "a project")}");
        return [.. words, .. serving.Serves(model.Path) ? ["the endpoint, which answers by it just now"] : (string[])[]];
    }

    /// <summary>As the text stands in stored JSON, in which it is a whole value.</summary>
    private static string Quoted(string text) => JsonSerializer.Serialize(text, ProtocolJson.Line);

    private sealed record Use(Guid ProjectId, string Kind, string Name);
}
