using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Evaluations;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Server;

/// <summary>What one person may see of the work of all projects.</summary>
internal sealed class Eyes
{
    private readonly ProjectWork _work;
    private readonly bool _isAdmin;
    private readonly HashSet<Guid> _mine;

    private Eyes(ProjectWork work, bool isAdmin, IEnumerable<Guid> mine) => (_work, _isAdmin, _mine) = (work, isAdmin, [.. mine]);

    public static async Task<Eyes> OpenAsync(ProjectWork work, bool isAdmin, CancellationToken cancellationToken)
    {
        var roles = await work
            .Db.Set<Membership>()
            .Where(member => member.UserId == work.Caller.UserId)
            .Select(member => new { member.ProjectId, member.Role })
            .ToListAsync(cancellationToken);
        return new Eyes(work, isAdmin, roles.Where(one => one.Role.Allows(Permission.ViewResults)).Select(one => one.ProjectId));
    }

    /// <summary>By job.</summary>
    public async Task<Dictionary<Guid, JobLine>> LinesAsync(IReadOnlyList<Job> jobs, CancellationToken cancellationToken)
    {
        var ids = jobs.Where(job => _mine.Contains(job.ProjectId)).Select(job => job.Id).ToList();
        var runs = await _work
            .Db.Runs.Where(run => run.JobId != null && ids.Contains(run.JobId.Value))
            .Select(run => new
            {
                JobId = run.JobId!.Value,
                run.Id,
                run.Number,
                run.Name,
            })
            .ToDictionaryAsync(run => run.JobId, cancellationToken);
        var evaluations = await _work
            .Db.Evaluations.Where(evaluation => ids.Contains(evaluation.JobId))
            .Select(evaluation => new
            {
                evaluation.JobId,
                evaluation.Id,
                evaluation.Number,
            })
            .ToDictionaryAsync(evaluation => evaluation.JobId, cancellationToken);
        var projects = await ProjectNamesAsync(jobs.Select(job => job.ProjectId), cancellationToken);
        var people = await _work.PeopleNamesAsync(jobs.Select(job => job.CreatedBy), cancellationToken);
        return jobs.ToDictionary(
            job => job.Id,
            job =>
            {
                var (name, address) =
                    runs.TryGetValue(job.Id, out var run) ? ($"run {run.Number} · {run.Name}", $"/p/{job.ProjectId}/runs/{run.Id}")
                    : evaluations.TryGetValue(job.Id, out var judged)
                        ? ($"evaluation {judged.Number}", $"/p/{job.ProjectId}/evaluations/{judged.Id}")
                    : (KindInWords(job.Kind), (string?)null);
                var knows = projects.TryGetValue(job.ProjectId, out var project);
                return new JobLine(job, name, address, project, knows ? people.GetValueOrDefault(job.CreatedBy) : null);
            }
        );
    }

    /// <summary>Of the projects whose use they may know, most of this month first.</summary>
    /// <param name="active">Jobs that hold devices now.</param>
    public async Task<IReadOnlyList<ProjectHours>> HoursAsync(IReadOnlyList<Job> active, CancellationToken cancellationToken)
    {
        var month = new DateTimeOffset(_work.Now.UtcDateTime.Year, _work.Now.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);
        var before = month.AddMonths(-1);
        var projects = await _work
            .Db.Projects.AsNoTracking()
            .Where(project => _isAdmin || _mine.Contains(project.Id))
            .ToListAsync(cancellationToken);
        var uses = await _work.Db.DeviceUses.AsNoTracking().Where(use => use.Until > before).ToListAsync(cancellationToken);
        var all = uses.Select(use => (use.ProjectId, use.UserId, use.From, use.Until))
            .Concat(active.Select(job => (job.ProjectId, UserId: job.CreatedBy, From: job.SlotSince ?? _work.Now, Until: _work.Now)))
            .ToLookup(use => use.ProjectId);
        var people = await _work.PeopleNamesAsync(all.SelectMany(use => use).Select(use => use.UserId), cancellationToken);
        return
        [
            .. projects
                .Select(project =>
                {
                    var used = all[project.Id].ToList();
                    var hours = used.Sum(use => Hours(use.From, use.Until, month, DateTimeOffset.MaxValue));
                    return new ProjectHours(
                        project.Id,
                        project.Name,
                        project.ShareWeight,
                        project.MonthlyDeviceHours,
                        hours,
                        used.Sum(use => Hours(use.From, use.Until, before, month)),
                        project.DeviceHourPrice * hours,
                        project.Currency,
                        [
                            .. used.GroupBy(use => use.UserId)
                                .Select(person =>
                                    (
                                        people.GetValueOrDefault(person.Key, "somebody who is gone"),
                                        person.Sum(use => Hours(use.From, use.Until, month, DateTimeOffset.MaxValue))
                                    )
                                )
                                .Where(person => person.Item2 > 0)
                                .OrderByDescending(person => person.Item2),
                        ]
                    );
                })
                .OrderByDescending(project => project.ThisMonth)
                .ThenBy(project => project.Name, StringComparer.CurrentCulture),
        ];
    }

    private async Task<Dictionary<Guid, string>> ProjectNamesAsync(IEnumerable<Guid> projectIds, CancellationToken cancellationToken)
    {
        var ids = projectIds.Where(id => _isAdmin || _mine.Contains(id)).Distinct().ToList();
        return await _work
            .Db.Projects.Where(project => ids.Contains(project.Id))
            .ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken);
    }

    private static double Hours(DateTimeOffset from, DateTimeOffset until, DateTimeOffset begin, DateTimeOffset end) =>
        Math.Max(0, ((until < end ? until : end) - (from > begin ? from : begin)).TotalHours);

    private static string KindInWords(string kind) =>
        kind switch
        {
            Run.JobKind => "a run",
            Evaluation.JobKind => "an evaluation",
            _ => "other work",
        };
}
