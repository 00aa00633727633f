using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Audit;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Notices;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Domain.Searches;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Notices;

/// <summary>What an act in the audit log means for somebody else: what they have to do, or what became of what they handed in.</summary>
internal sealed class ActNotices(AppDb db, DateTimeOffset now)
{
    /// <summary>Acts that somebody is told of.</summary>
    public static readonly IReadOnlyList<string> Actions =
    [
        "run.submitted",
        "run.first-approved",
        "run.approved",
        "run.approved-by-rule",
        "run.rejected",
        "search.submitted",
        "search.approved",
        "search.rejected",
        "deployment.version-checked",
        "deployment.first-approved",
        "deployment.version-approved",
    ];

    /// <returns>Null where nobody is to be told any more: it was decided meanwhile, or is gone.</returns>
    public async Task<Notice?> OfAsync(AuditEntry act, CancellationToken cancellationToken)
    {
        if (act.ProjectId is not { } project || !Guid.TryParse(act.Subject, out var subject))
        {
            return null;
        }

        if (act.Action.StartsWith("run.", StringComparison.Ordinal))
        {
            return await db.Runs.AsNoTracking().SingleOrDefaultAsync(r => r.Id == subject, cancellationToken) is { } run
                ? await OfRunAsync(act, run, cancellationToken)
                : null;
        }

        if (act.Action.StartsWith("search.", StringComparison.Ordinal))
        {
            return await db.Searches.AsNoTracking().SingleOrDefaultAsync(s => s.Id == subject, cancellationToken) is { } search
                ? await OfSearchAsync(act, search, cancellationToken)
                : null;
        }

        return await OfDeploymentAsync(act, project, subject, cancellationToken);
    }

    /// <summary>A run that has ended, for who asked for it.</summary>
    public static Notice OfEnd(Run run)
    {
        var name = $"run {run.Number} · {run.Name}";
        var (subject, text) = run.Job!.State switch
        {
            JobState.Completed => ($"Judge {name}", $"{Capital(name)} has completed. Judge it against your goals."),
            JobState.Stopped => ($"{Capital(name)} was stopped", "Resume it from its last checkpoint, or repeat it with changes."),
            _ => ($"{Capital(name)} has failed", "Read why, then resume it from its last checkpoint or repeat it with changes."),
        };
        return new(run.ProjectId, NoticeTopic.Ended, subject, text, PathOf(run), [run.SubmittedBy]);
    }

    private async Task<Notice?> OfRunAsync(AuditEntry act, Run run, CancellationToken cancellationToken)
    {
        var name = $"run {run.Number} · {run.Name}";
        return act.Action switch
        {
            "run.submitted" or "run.first-approved" => run.Approval != ApprovalState.Submitted
                ? null
                : new(
                    run.ProjectId,
                    NoticeTopic.Waits,
                    $"Approve {name}",
                    act.Action == "run.submitted"
                        ? $"{act.UserName} asks for {name}. Read what is known of it, then approve or reject it."
                        : $"{act.UserName} has approved {name}, and a second person must. Read what is known of it, then approve or reject it.",
                    PathOf(run),
                    await ApproversAsync(run.ProjectId, Permission.ApproveRuns, [run.SubmittedBy, run.FirstApprovedBy], cancellationToken)
                ),
            "run.rejected" => Decided(
                act,
                run.SubmittedBy,
                $"{Capital(name)} was rejected",
                "Read why, then change it and hand it in again.",
                PathOf(run)
            ),
            "run.approved-by-rule" => Decided(
                act,
                run.SubmittedBy,
                $"{Capital(name)} is approved by the policy",
                "It waits for a device; its page says when it begins.",
                PathOf(run),
                ownToo: true
            ),
            _ => Decided(
                act,
                run.SubmittedBy,
                $"{Capital(name)} is approved",
                "It waits for a device; its page says when it begins.",
                PathOf(run)
            ),
        };
    }

    private async Task<Notice?> OfSearchAsync(AuditEntry act, SettingSearch search, CancellationToken cancellationToken)
    {
        var (name, path) = ($"search {search.Number} · {search.Name}", $"/p/{search.ProjectId}/searches/{search.Id}");
        return act.Action switch
        {
            "search.submitted" => search.Approval != ApprovalState.Submitted
                ? null
                : new(
                    search.ProjectId,
                    NoticeTopic.Waits,
                    $"Approve {name}",
                    $"{act.UserName} asks for {name}. Read its bounds, then approve or reject it.",
                    path,
                    await ApproversAsync(search.ProjectId, Permission.ApproveRuns, [search.SubmittedBy], cancellationToken)
                ),
            "search.rejected" => Decided(act, search.SubmittedBy, $"{Capital(name)} was rejected", "Read why, then hand in another.", path),
            _ => Decided(act, search.SubmittedBy, $"{Capital(name)} is approved", "It has begun: look at what it finds.", path),
        };
    }

    private async Task<Notice?> OfDeploymentAsync(AuditEntry act, Guid project, Guid id, CancellationToken cancellationToken)
    {
        var name = await db
            .Deployments.Where(d => d.Id == id && d.RetiredAt == null)
            .Select(d => d.Name)
            .SingleOrDefaultAsync(cancellationToken);
        var state = act.Action == "deployment.version-approved" ? VersionState.Approved : VersionState.Checked;
        var version = await db
            .DeploymentVersions.AsNoTracking()
            .Where(v => v.DeploymentId == id && v.State == state)
            .OrderByDescending(v => v.Number)
            .FirstOrDefaultAsync(cancellationToken);
        if (name is null || version is null)
        {
            return null;
        }

        var path = $"/p/{project}/deploy/{id}";
        return state == VersionState.Approved
            ? Decided(
                act,
                version.ChangedBy,
                $"Version {version.Number} of {name} is approved",
                "Try it on a share of the requests, or promote it.",
                path
            )
            : new(
                project,
                NoticeTopic.Waits,
                $"Approve version {version.Number} of {name}",
                "It was checked and waits for a lead. Read its card, then approve it.",
                path,
                await ApproversAsync(
                    project,
                    Permission.ApproveDeployments,
                    [version.ChangedBy, version.FirstApprovedBy],
                    cancellationToken
                )
            );
    }

    // Who decided on their own, or took something back, knows it.
    private static Notice? Decided(AuditEntry act, string submitter, string subject, string text, string path, bool ownToo = false) =>
        act.UserId == submitter && !ownToo
            ? null
            : new(act.ProjectId!.Value, NoticeTopic.Decided, subject, $"{subject}. {text}", path, [submitter]);

    private async Task<IReadOnlyList<string>> ApproversAsync(
        Guid project,
        Permission permission,
        string?[] without,
        CancellationToken cancellationToken
    )
    {
        var members = await db.Memberships.AsNoTracking().Where(m => m.ProjectId == project).ToListAsync(cancellationToken);
        var deputies = await Deputies.NowAsync(db, [.. members.Select(m => m.UserId)], now, cancellationToken);
        return
        [
            .. members
                .Where(m => m.Role.Allows(permission) || deputies.Exists(d => d.UserId == m.UserId && d.ProjectId == project))
                .Select(m => m.UserId)
                .Except(without.OfType<string>()),
        ];
    }

    private static string PathOf(Run run) => $"/p/{run.ProjectId}/runs/{run.Id}";

    private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name[1..];
}
