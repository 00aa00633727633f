using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Portal.Features.Home;

public sealed record LabelWork(Guid ProjectId, string ProjectName, Guid TaskId, string TaskName, int Open);

public sealed record ReviewWork(Guid ProjectId, string ProjectName, Guid TaskId, string TaskName, int Waiting);

public sealed record RunWork(
    Guid ProjectId,
    string ProjectName,
    Guid RunId,
    int Number,
    string Name,
    JobState? State,
    double Progress,
    double? SecondsLeft
);

public sealed record SearchWork(Guid ProjectId, string ProjectName, Guid SearchId, int Number, string Name);

/// <summary>A version of an endpoint that waits for approval.</summary>
public sealed record VersionWork(Guid ProjectId, string ProjectName, Guid DeploymentId, string Name, int Number);

/// <summary>What an alert tells.</summary>
public sealed record AlertWork(Guid ProjectId, string ProjectName, Guid DeploymentId, string Sentence);

public sealed record MyWorkView(
    IReadOnlyList<LabelWork> ToLabel,
    IReadOnlyList<ReviewWork> ToReview,
    IReadOnlyList<RunWork> ToApprove,
    IReadOnlyList<SearchWork> SearchesToApprove,
    IReadOnlyList<RunWork> Running
)
{
    /// <summary>How many things wait for this person.</summary>
    public int Waiting =>
        ToLabel.Count + ToReview.Count + ToApprove.Count + SearchesToApprove.Count + VersionsToApprove.Count + Alerts.Count;

    /// <summary>Versions of endpoints that were checked and that somebody else made.</summary>
    public IReadOnlyList<VersionWork> VersionsToApprove { get; init; } = [];

    /// <summary>Alerts of endpoints that are above their limits.</summary>
    public IReadOnlyList<AlertWork> Alerts { get; init; } = [];

    /// <summary>Runs that this person asked for and that ended lately, latest first.</summary>
    public IReadOnlyList<RunWork> Ended { get; init; } = [];
}

/// <summary>What this person has to do next, over all of their projects.</summary>
public sealed class MyWork(Authorizer authorizer, TodoCounts todos)
{
    private const int MostEnded = 5;
    private static readonly TimeSpan s_lately = TimeSpan.FromDays(3);

    public async Task<MyWorkView> ReadAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenOwnAsync(caller, TokenScopes.Read, cancellationToken);
        var mine = await ProjectsAsync(work, cancellationToken);
        var (toLabel, toReview) = await LabelsAsync(work, mine, cancellationToken);
        var approver = Allowing(mine, Permission.ApproveRuns);
        var waiting = await work
            .Db.Runs.AsNoTracking()
            .Where(r =>
                approver.Contains(r.ProjectId)
                && r.Approval == ApprovalState.Submitted
                && r.SubmittedBy != caller.UserId
                && r.FirstApprovedBy != caller.UserId
            )
            .OrderBy(r => r.SubmittedAt)
            .ToListAsync(cancellationToken);
        var searches = await work
            .Db.Searches.AsNoTracking()
            .Where(s => approver.Contains(s.ProjectId) && s.Approval == ApprovalState.Submitted && s.SubmittedBy != caller.UserId)
            .OrderBy(s => s.SubmittedAt)
            .ToListAsync(cancellationToken);
        return new MyWorkView(
            toLabel,
            toReview,
            [.. waiting.Select(r => View(r, mine))],
            [.. searches.Select(s => new SearchWork(s.ProjectId, mine[s.ProjectId].Name, s.Id, s.Number, s.Name))],
            await RunningAsync(work, mine, cancellationToken)
        )
        {
            Ended = await EndedAsync(work, mine, cancellationToken),
            VersionsToApprove = await VersionsAsync(work, mine, cancellationToken),
            Alerts = await AlertsAsync(work, mine, cancellationToken),
        };
    }

    private static async Task<IReadOnlyList<VersionWork>> VersionsAsync(
        ProjectWork work,
        Dictionary<Guid, MyProject> mine,
        CancellationToken cancellationToken
    )
    {
        var projects = Allowing(mine, Permission.ApproveDeployments);
        var waiting = await work
            .Db.DeploymentVersions.Where(v =>
                v.State == VersionState.Checked && v.ChangedBy != work.Caller.UserId && v.FirstApprovedBy != work.Caller.UserId
            )
            .Join(
                work.Db.Deployments.Where(d => projects.Contains(d.ProjectId) && d.RetiredAt == null),
                v => v.DeploymentId,
                d => d.Id,
                (v, d) =>
                    new
                    {
                        d.ProjectId,
                        d.Id,
                        d.Name,
                        v.Number,
                    }
            )
            .ToListAsync(cancellationToken);
        return [.. waiting.Select(v => new VersionWork(v.ProjectId, mine[v.ProjectId].Name, v.Id, v.Name, v.Number))];
    }

    private static async Task<IReadOnlyList<AlertWork>> AlertsAsync(
        ProjectWork work,
        Dictionary<Guid, MyProject> mine,
        CancellationToken cancellationToken
    )
    {
        var projects = Allowing(mine, Permission.ManageDeployments);
        var firing = await work
            .Db.AlertRules.Where(r => r.FiringSince != null)
            .Join(
                work.Db.Deployments.Where(d => projects.Contains(d.ProjectId) && d.RetiredAt == null),
                r => r.DeploymentId,
                d => d.Id,
                (r, d) =>
                    new
                    {
                        d.ProjectId,
                        d.Id,
                        r.Sentence,
                    }
            )
            .ToListAsync(cancellationToken);
        return [.. firing.Select(a => new AlertWork(a.ProjectId, mine[a.ProjectId].Name, a.Id, a.Sentence ?? ""))];
    }

    private static async Task<IReadOnlyList<RunWork>> EndedAsync(
        ProjectWork work,
        Dictionary<Guid, MyProject> mine,
        CancellationToken cancellationToken
    )
    {
        var (projects, since) = (Allowing(mine, Permission.ViewResults), work.Now - s_lately);
        var ended = await work
            .Db.Runs.AsNoTracking()
            .Include(r => r.Job)
            .Where(r => projects.Contains(r.ProjectId) && r.SubmittedBy == work.Caller.UserId && r.SearchId == null)
            .Where(r => r.Job!.EndedAt != null && r.Job.EndedAt > since)
            .OrderByDescending(r => r.Job!.EndedAt)
            .Take(MostEnded)
            .ToListAsync(cancellationToken);
        return [.. ended.Select(r => View(r, mine))];
    }

    /// <summary>Only what runs or waits for a device, for the head of each page.</summary>
    public async Task<IReadOnlyList<RunWork>> RunningAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenOwnAsync(caller, TokenScopes.Read, cancellationToken);
        return await RunningAsync(work, await ProjectsAsync(work, cancellationToken), cancellationToken);
    }

    private static async Task<IReadOnlyList<RunWork>> RunningAsync(
        ProjectWork work,
        Dictionary<Guid, MyProject> mine,
        CancellationToken cancellationToken
    )
    {
        var viewer = Allowing(mine, Permission.ViewResults);
        var active = await work
            .Db.Runs.AsNoTracking()
            .Include(r => r.Job)
            .Where(r =>
                viewer.Contains(r.ProjectId)
                && r.Job != null
                && (
                    r.Job.State == JobState.Queued
                    || r.Job.State == JobState.Starting
                    || r.Job.State == JobState.Running
                    || r.Job.State == JobState.Paused
                )
            )
            .OrderBy(r => r.Job!.QueuedAt)
            .ToListAsync(cancellationToken);
        return [.. active.Select(r => View(r, mine))];
    }

    private async Task<(List<LabelWork> ToLabel, List<ReviewWork> ToReview)> LabelsAsync(
        ProjectWork work,
        Dictionary<Guid, MyProject> mine,
        CancellationToken cancellationToken
    )
    {
        var (toLabel, toReview) = (new List<LabelWork>(), new List<ReviewWork>());
        var (projects, reviewer, me) = (mine.Keys.ToList(), Allowing(mine, Permission.ReviewItems), work.Caller.UserId);
        foreach (
            var task in await work
                .Db.LabelTasks.AsNoTracking()
                .Where(t => projects.Contains(t.ProjectId) && t.ClosedAt == null && t.PausedAt == null)
                .ToListAsync(cancellationToken)
        )
        {
            var open = task.Assignees.Contains(me) ? await todos.OfAsync(work, task, cancellationToken) : 0;
            var waiting = !reviewer.Contains(task.ProjectId)
                ? 0
                : await work.Db.LabelItems.CountAsync(
                    i =>
                        i.TaskId == task.Id && i.State == ItemState.InReview && !i.Assignments.Any(a => a.UserId == me && a.Values != null),
                    cancellationToken
                );
            if (open > 0)
            {
                toLabel.Add(new(task.ProjectId, mine[task.ProjectId].Name, task.Id, task.Name, open));
            }

            if (waiting > 0)
            {
                toReview.Add(new(task.ProjectId, mine[task.ProjectId].Name, task.Id, task.Name, waiting));
            }
        }

        return (toLabel, toReview);
    }

    private static async Task<Dictionary<Guid, MyProject>> ProjectsAsync(ProjectWork work, CancellationToken cancellationToken)
    {
        var standsIn = (await Deputies.NowAsync(work.Db, [work.Caller.UserId], work.Now, cancellationToken))
            .Select(d => d.ProjectId)
            .ToHashSet();
        return await (
            from member in work.Db.Memberships
            join project in work.Db.Projects on member.ProjectId equals project.Id
            where member.UserId == work.Caller.UserId
            select new MyProject(project.Id, project.Name, member.Role, standsIn.Contains(project.Id))
        ).ToDictionaryAsync(p => p.Id, cancellationToken);
    }

    private static List<Guid> Allowing(Dictionary<Guid, MyProject> mine, Permission permission) =>
        [.. mine.Values.Where(p => p.Role.Allows(permission) || (p.StandsIn && Deputy.May(permission))).Select(p => p.Id)];

    private static RunWork View(Run run, Dictionary<Guid, MyProject> mine) =>
        new(
            run.ProjectId,
            mine[run.ProjectId].Name,
            run.Id,
            run.Number,
            run.Name,
            run.Job?.State,
            run.Job?.Progress ?? 0,
            run.Job?.SecondsLeft
        );

    /// <param name="StandsIn">The caller approves there in a lead's place.</param>
    private sealed record MyProject(Guid Id, string Name, ProjectRole Role, bool StandsIn);
}
