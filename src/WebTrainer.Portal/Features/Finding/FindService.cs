using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Components.Help;

namespace WebTrainer.Portal.Features.Finding;

/// <summary>Finds pages, projects, datasets, runs, searches, evaluations, tasks and help by letters of their names.</summary>
public sealed class FindService(Authorizer authorizer)
{
    /// <summary>Of each kind; who sees more than this writes another letter.</summary>
    private const int MostOfAKind = 6;

    private sealed record Mine(Guid Id, string Name, ProjectRole Role);

    /// <param name="here">The project whose pages come first; null outside of projects.</param>
    /// <param name="text">Letters of a name; for runs, searches and evaluations their number too. Empty: the pages of this project.</param>
    public async Task<IReadOnlyList<Found>> FindAsync(Caller caller, Guid? here, string text, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenOwnAsync(caller, TokenScopes.Read, cancellationToken);
        var projects = await (
            from member in work.Db.Memberships
            join project in work.Db.Projects on member.ProjectId equals project.Id
            where member.UserId == caller.UserId
            select new Mine(project.Id, project.Name, member.Role)
        ).ToListAsync(cancellationToken);
        var query = new Query(text.Trim());
        List<Found> found = [.. Places(projects, here, query), .. Projects(projects, query)];
        if (query.Text.Length > 0)
        {
            var seen = projects.Where(p => p.Role.Allows(Permission.ViewResults)).ToDictionary(p => p.Id, p => p.Name);
            found.AddRange(await DatasetsAsync(work, seen, query, cancellationToken));
            found.AddRange(await RunsAsync(work, seen, query, cancellationToken));
            found.AddRange(await SearchesAsync(work, seen, query, cancellationToken));
            found.AddRange(await EvaluationsAsync(work, seen, query, cancellationToken));
            found.AddRange(await TasksAsync(work, projects, query, cancellationToken));
            found.AddRange(Help(query));
        }

        return found;
    }

    private static IEnumerable<Found> Places(IReadOnlyList<Mine> projects, Guid? here, Query query) =>
        projects.FirstOrDefault(p => p.Id == here) is not { } project
            ? []
            : ProjectPlaces
                .All.Where(p => project.Role.Allows(p.Permission) && query.Matches(p.Name))
                .Select(p => new Found("page", p.Name, project.Name, $"/p/{project.Id}/{p.Path}".TrimEnd('/')));

    private static IEnumerable<Found> Projects(IReadOnlyList<Mine> projects, Query query) =>
        projects
            .Where(p => query.Matches(p.Name))
            .OrderBy(p => p.Name, StringComparer.CurrentCultureIgnoreCase)
            .Take(MostOfAKind)
            .Select(p => new Found("project", p.Name, "", $"/p/{p.Id}"));

    private static async Task<IEnumerable<Found>> DatasetsAsync(
        ProjectWork work,
        Dictionary<Guid, string> seen,
        Query query,
        CancellationToken cancellationToken
    )
    {
        var datasets = await work
            .Db.Datasets.AsNoTracking()
            .Where(d => seen.Keys.Contains(d.ProjectId) && EF.Functions.Like(d.Name, query.Pattern, "\\"))
            .OrderByDescending(d => d.CreatedAt)
            .Take(MostOfAKind)
            .Select(d => new
            {
                d.Id,
                d.ProjectId,
                d.Name,
                Number = d.Versions.Max(v => (int?)v.Number),
            })
            .ToListAsync(cancellationToken);
        return datasets
            .Where(d => d.Number is not null)
            .Select(d => new Found("dataset", d.Name, seen[d.ProjectId], $"/p/{d.ProjectId}/data/{d.Id}/v/{d.Number}"));
    }

    private static async Task<IEnumerable<Found>> RunsAsync(
        ProjectWork work,
        Dictionary<Guid, string> seen,
        Query query,
        CancellationToken cancellationToken
    )
    {
        var runs = await work
            .Db.Runs.AsNoTracking()
            .Where(r => seen.Keys.Contains(r.ProjectId) && (EF.Functions.Like(r.Name, query.Pattern, "\\") || r.Number == query.Number))
            .OrderByDescending(r => r.SubmittedAt)
            .Take(MostOfAKind)
            .Select(r => new
            {
                r.Id,
                r.ProjectId,
                r.Number,
                r.Name,
            })
            .ToListAsync(cancellationToken);
        return runs.Select(r => new Found("run", $"Run {r.Number} · {r.Name}", seen[r.ProjectId], $"/p/{r.ProjectId}/runs/{r.Id}"));
    }

    private static async Task<IEnumerable<Found>> SearchesAsync(
        ProjectWork work,
        Dictionary<Guid, string> seen,
        Query query,
        CancellationToken cancellationToken
    )
    {
        var searches = await work
            .Db.Searches.AsNoTracking()
            .Where(s => seen.Keys.Contains(s.ProjectId) && (EF.Functions.Like(s.Name, query.Pattern, "\\") || s.Number == query.Number))
            .OrderByDescending(s => s.SubmittedAt)
            .Take(MostOfAKind)
            .Select(s => new
            {
                s.Id,
                s.ProjectId,
                s.Number,
                s.Name,
            })
            .ToListAsync(cancellationToken);
        return searches.Select(s => new Found(
            "search",
            $"Search {s.Number} · {s.Name}",
            seen[s.ProjectId],
            $"/p/{s.ProjectId}/searches/{s.Id}"
        ));
    }

    private static async Task<IEnumerable<Found>> EvaluationsAsync(
        ProjectWork work,
        Dictionary<Guid, string> seen,
        Query query,
        CancellationToken cancellationToken
    )
    {
        var all = query.Matches("Evaluation");
        var evaluations = await work
            .Db.Evaluations.AsNoTracking()
            .Where(e => seen.Keys.Contains(e.ProjectId) && (all || e.Number == query.Number))
            .OrderByDescending(e => e.CreatedAt)
            .Take(MostOfAKind)
            .Select(e => new
            {
                e.Id,
                e.ProjectId,
                e.Number,
            })
            .ToListAsync(cancellationToken);
        return evaluations.Select(e => new Found(
            "evaluation",
            $"Evaluation {e.Number}",
            seen[e.ProjectId],
            $"/p/{e.ProjectId}/evaluations/{e.Id}"
        ));
    }

    // An annotator finds the tasks that are assigned to them, and no others.
    private static async Task<IEnumerable<Found>> TasksAsync(
        ProjectWork work,
        IReadOnlyList<Mine> projects,
        Query query,
        CancellationToken cancellationToken
    )
    {
        var names = projects.ToDictionary(p => p.Id);
        var tasks = await work
            .Db.LabelTasks.AsNoTracking()
            .Where(t => names.Keys.Contains(t.ProjectId) && EF.Functions.Like(t.Name, query.Pattern, "\\"))
            .OrderByDescending(t => t.CreatedAt)
            .ToListAsync(cancellationToken);
        return tasks
            .Select(t => (Task: t, Project: names[t.ProjectId], Sees: names[t.ProjectId].Role.Allows(Permission.ViewResults)))
            .Where(t => t.Sees || t.Task.Assignees.Contains(work.Caller.UserId))
            .Take(MostOfAKind)
            .Select(t => new Found(
                "task",
                t.Task.Name,
                t.Project.Name,
                $"/p/{t.Project.Id}/labels/{t.Task.Id}{(t.Sees ? "" : "/answer")}"
            ));
    }

    private static IEnumerable<Found> Help(Query query) =>
        HelpLibrary.Shipped.Search(query.Text).Take(MostOfAKind).Select(s => new Found("help", s.Title, "Help", s.Address));

    /// <param name="Text">As it was written, without room around it.</param>
    private sealed record Query(string Text)
    {
        /// <summary>For LIKE: what stands for other letters there is escaped.</summary>
        public string Pattern { get; } =
            $"%{Text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";

        /// <summary>The number in "run 12", "#12" or "12"; none: a number that nothing has.</summary>
        public int Number { get; } = int.TryParse(Text.Split(' ', '#')[^1], out var number) ? number : -1;

        public bool Matches(string name) => name.Contains(Text, StringComparison.CurrentCultureIgnoreCase);
    }
}
