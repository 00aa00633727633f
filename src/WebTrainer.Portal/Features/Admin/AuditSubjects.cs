using Microsoft.EntityFrameworkCore;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Admin;

/// <summary>What an act was done to, as people call it.</summary>
/// <param name="Address">Its page; null where it has none.</param>
public sealed record AuditSubject(string Name, string? Address);

/// <summary>
/// Names of what acts were done to. An act keeps the id alone, so that a thing that was renamed has its present name; what is gone keeps
/// its id.
/// </summary>
internal static class AuditSubjects
{
    /// <param name="subjects">As entries hold them: ids, or names.</param>
    /// <returns>By subject; what no table knows is missing.</returns>
    public static async Task<Dictionary<string, AuditSubject>> NamesAsync(
        ProjectWork work,
        IEnumerable<string> subjects,
        CancellationToken cancellationToken
    )
    {
        var names = new Dictionary<string, AuditSubject>();
        var ids = subjects.Distinct().Where(s => Guid.TryParse(s, out _)).Select(Guid.Parse).ToList();
        foreach (var part in Queries(work, ids))
        {
            foreach (var (id, name, address) in await part.ToListAsync(cancellationToken))
            {
                names[id.ToString()] = new(name, address);
            }
        }

        var people = await work.PeopleNamesAsync(ids.Select(id => id.ToString()), cancellationToken);
        foreach (var (id, name) in people)
        {
            names[id] = new(name, null);
        }

        return names;
    }

    private static IEnumerable<IQueryable<Known>> Queries(ProjectWork work, List<Guid> ids)
    {
        var db = work.Db;
        yield return db.Projects.Where(p => ids.Contains(p.Id)).Select(p => new Known(p.Id, p.Name, $"/p/{p.Id}"));
        yield return db
            .Runs.Where(r => ids.Contains(r.Id))
            .Select(r => new Known(r.Id, $"run {r.Number} · {r.Name}", $"/p/{r.ProjectId}/runs/{r.Id}"));
        yield return db
            .Searches.Where(s => ids.Contains(s.Id))
            .Select(s => new Known(s.Id, $"search {s.Number} · {s.Name}", $"/p/{s.ProjectId}/searches/{s.Id}"));
        yield return db
            .Evaluations.Where(e => ids.Contains(e.Id))
            .Select(e => new Known(e.Id, $"evaluation {e.Number}", $"/p/{e.ProjectId}/evaluations/{e.Id}"));
        yield return db
            .DatasetVersions.Where(v => ids.Contains(v.Id))
            .Select(v => new Known(v.Id, $"{v.Dataset!.Name}, version {v.Number}", $"/p/{v.ProjectId}/data/{v.DatasetId}/v/{v.Number}"));
        yield return db.Datasets.Where(d => ids.Contains(d.Id)).Select(d => new Known(d.Id, d.Name, $"/p/{d.ProjectId}/data"));
        yield return db.Uploads.Where(u => ids.Contains(u.Id)).Select(u => new Known(u.Id, u.FileName, $"/p/{u.ProjectId}/data"));
        yield return db.DataSources.Where(s => ids.Contains(s.Id)).Select(s => new Known(s.Id, s.Name, $"/p/{s.ProjectId}/data/sources"));
        yield return db.LabelTasks.Where(t => ids.Contains(t.Id)).Select(t => new Known(t.Id, t.Name, $"/p/{t.ProjectId}/labels/{t.Id}"));
        yield return from item in db.LabelItems
        join task in db.LabelTasks on item.TaskId equals task.Id
        where ids.Contains(item.Id)
        select new Known(item.Id, $"item {item.Ordinal + 1} of {task.Name}", $"/p/{task.ProjectId}/labels/{task.Id}");
        yield return db
            .WeakLabelings.Where(w => ids.Contains(w.Id))
            .Select(w => new Known(w.Id, w.Name, $"/p/{w.ProjectId}/labels/weak/{w.Id}"));
        yield return db
            .Judges.Where(j => ids.Contains(j.Id))
            .Select(j => new Known(j.Id, j.Name, $"/p/{j.ProjectId}/evaluations/judges/{j.Id}"));
        yield return db
            .BenchmarkFiles.Where(b => ids.Contains(b.Id))
            .Select(b => new Known(b.Id, b.Name, $"/p/{b.ProjectId}/evaluations/benchmarks"));
        yield return db.Deployments.Where(d => ids.Contains(d.Id)).Select(d => new Known(d.Id, d.Name, $"/p/{d.ProjectId}/deploy/{d.Id}"));
        yield return db.Webhooks.Where(w => ids.Contains(w.Id)).Select(w => new Known(w.Id, w.Address, $"/p/{w.ProjectId}/notices"));
        yield return db.ApiKeys.Where(k => ids.Contains(k.Id)).Select(k => new Known(k.Id, k.Name, $"/p/{k.ProjectId}/deploy"));
        yield return db.PersonalAccessTokens.Where(t => ids.Contains(t.Id)).Select(t => new Known(t.Id, t.Name, null));
        yield return db
            .Invitations.Where(i => ids.Contains(i.Id))
            .Select(i => new Known(i.Id, i.Note == "" ? "without a note" : i.Note, null));
        yield return db.Goals.Where(g => ids.Contains(g.Id)).Select(g => new Known(g.Id, $"on {g.Metric}", $"/p/{g.ProjectId}/goals"));
    }

    private sealed record Known(Guid Id, string Name, string? Address);
}
