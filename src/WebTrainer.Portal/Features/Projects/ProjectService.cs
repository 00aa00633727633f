using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Benchmarks;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Projects;

public sealed record ProjectSummary(Guid Id, string Name, string Description, ProjectRole Role, DateTimeOffset CreatedAt);

/// <param name="DeviceHour">What an hour of a device costs; null while nobody has said.</param>
public sealed record ProjectPrice(double? DeviceHour, string Currency);

/// <param name="UserName">By which the person signs in; null for callers who manage no members.</param>
public sealed record MemberView(string UserId, string Name, string? UserName, ProjectRole Role, DateTimeOffset Since);

/// <param name="Aim">Of a goal on a benchmark.</param>
/// <param name="Aim">Of a goal on a benchmark.</param>
/// <param name="Label">Of a goal on one label.</param>
public sealed record GoalView(Guid Id, GoalMetric Metric, double Target, string Limits, BenchmarkAim? Aim = null, string? Label = null)
{
    public static GoalView Of(Goal goal) => new(goal.Id, goal.Metric, goal.Target, goal.Limits, goal.Aim, goal.Label);
}

public sealed record InvitationView(Guid Id, ProjectRole Role, string Note, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>Projects, their goals and their people.</summary>
public sealed class ProjectService(Authorizer authorizer)
{
    private const int MaxNoteLength = 200;

    public async Task<IReadOnlyList<ProjectSummary>> ListMineAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenOwnAsync(caller, TokenScopes.Read, cancellationToken);
        return await (
            from member in work.Db.Memberships
            join project in work.Db.Projects on member.ProjectId equals project.Id
            where member.UserId == caller.UserId
            orderby project.CreatedAt descending
            select new ProjectSummary(project.Id, project.Name, project.Description, member.Role, project.CreatedAt)
        ).ToListAsync(cancellationToken);
    }

    public async Task<Guid> CreateAsync(Caller caller, string name, string description, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenOwnAsync(caller, TokenScopes.WriteData, cancellationToken);
        var project = new Project(name, description, caller.UserId, work.Now);
        work.Db.Projects.Add(project);
        work.AuditIn(project.Id, "project.created", project.Id, null, new { project.Name });
        await work.SaveAsync(cancellationToken);
        return project.Id;
    }

    public async Task<ProjectSummary> GetAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Enter, cancellationToken);
        var project = await work.Db.Projects.AsNoTracking().SingleAsync(p => p.Id == projectId, cancellationToken);
        return new ProjectSummary(project.Id, project.Name, project.Description, work.Role, project.CreatedAt);
    }

    /// <summary>Whether pages show what asks for this, by the own role or in a lead's place; each use case checks anew.</summary>
    public async Task<bool> MayAsync(Caller caller, Guid projectId, Permission permission, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Enter, cancellationToken);
        return work.Allows(permission);
    }

    public async Task RenameAsync(Caller caller, Guid projectId, string name, string description, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.SetGoals, cancellationToken);
        var project = await work.Db.Projects.SingleAsync(p => p.Id == projectId, cancellationToken);
        var before = new { project.Name, project.Description };
        project.Rename(name, description);
        work.Audit("project.renamed", projectId, before, new { project.Name, project.Description });
        await work.SaveAsync(cancellationToken);
    }

    public async Task<ProjectPrice> PriceAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Enter, cancellationToken);
        return await work
            .Db.Projects.Where(p => p.Id == projectId)
            .Select(p => new ProjectPrice(p.DeviceHourPrice, p.Currency))
            .SingleAsync(cancellationToken);
    }

    /// <summary>Sets what a device hour costs; evaluations tell costs by it.</summary>
    public async Task SetPriceAsync(Caller caller, Guid projectId, ProjectPrice price, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.SetGoals, cancellationToken);
        var project = await work.Db.Projects.SingleAsync(p => p.Id == projectId, cancellationToken);
        var before = new ProjectPrice(project.DeviceHourPrice, project.Currency);
        project.SetPrice(price.DeviceHour, price.Currency.Trim());
        work.Audit("project.price-set", projectId, before, price);
        await work.SaveAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<GoalView>> GoalsAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Enter, cancellationToken);
        var goals = await work
            .Db.Goals.AsNoTracking()
            .Where(g => g.ProjectId == projectId)
            .OrderBy(g => g.CreatedAt)
            .ToListAsync(cancellationToken);
        return [.. goals.Select(GoalView.Of)];
    }

    /// <param name="goalId">The goal to change; null for a new one.</param>
    /// <param name="aim">Which figure of which benchmark; of a goal on a benchmark.</param>
    /// <param name="label">Which label; of a goal on one label.</param>
    public async Task SetGoalAsync(
        Caller caller,
        Guid projectId,
        Guid? goalId,
        GoalMetric metric,
        double target,
        string limits,
        CancellationToken cancellationToken,
        BenchmarkAim? aim = null,
        string? label = null
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.SetGoals, cancellationToken);
        if (aim is not null)
        {
            CheckAim(aim, target);
        }

        var after = new
        {
            metric,
            aim,
            label,
            target,
            limits,
        };
        if (goalId is null)
        {
            var goal = new Goal(projectId, metric, target, limits, work.Now, aim, label);
            work.Db.Goals.Add(goal);
            work.Audit("goal.set", goal.Id, null, after);
        }
        else
        {
            var goal = await GoalAsync(work, goalId.Value, cancellationToken);
            var before = new
            {
                metric = goal.Metric,
                aim = goal.Aim,
                label = goal.Label,
                target = goal.Target,
                limits = goal.Limits,
            };
            goal.Change(metric, target, limits, aim, label);
            work.Audit("goal.changed", goal.Id, before, after);
        }

        await work.SaveAsync(cancellationToken);
    }

    public async Task RemoveGoalAsync(Caller caller, Guid projectId, Guid goalId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.SetGoals, cancellationToken);
        var goal = await GoalAsync(work, goalId, cancellationToken);
        work.Db.Goals.Remove(goal);
        work.Audit(
            "goal.removed",
            goalId,
            new
            {
                goal.Metric,
                goal.Aim,
                goal.Label,
                goal.Target,
                goal.Limits,
            },
            null
        );
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>Whether the project separates people, and whether the caller may change that.</summary>
    public async Task<(bool Separates, bool MayChange)> SeparationAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        var mayChange = await authorizer.IsAdminAsync(caller, cancellationToken);
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Enter, cancellationToken);
        return (
            await work.Db.Projects.Where(p => p.Id == projectId).Select(p => p.SeparatesPeople).SingleAsync(cancellationToken),
            mayChange
        );
    }

    /// <summary>
    /// Has the project separate people, or no longer: an administrator's matter, so that no lead takes it back. Open invitations of leads
    /// end.
    /// </summary>
    public async Task SeparateAsync(Caller caller, Guid projectId, bool separates, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAdminAsync(caller, cancellationToken);
        var project =
            await work.Db.Projects.SingleOrDefaultAsync(p => p.Id == projectId, cancellationToken)
            ?? throw new NotFoundException("There is no such project.");
        work.AuditIn(projectId, "project.separation-set", projectId, new { project.SeparatesPeople }, new { SeparatesPeople = separates });
        project.SeparatePeople(separates);
        var open = await work
            .Db.Invitations.Where(i =>
                i.ProjectId == projectId
                && i.Role == ProjectRole.Lead
                && i.AcceptedAt == null
                && i.RevokedAt == null
                && i.ExpiresAt > work.Now
            )
            .ToListAsync(cancellationToken);
        open.ForEach(invitation => invitation.Revoke(work.Now));
        await work.SaveAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<MemberView>> MembersAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Enter, cancellationToken);
        var manages = work.Role.Allows(Permission.ManageMembers); // half of what a guesser needs is for nobody else
        return await (
            from member in work.Db.Memberships
            join user in work.Db.Users on member.UserId equals user.Id
            where member.ProjectId == projectId
            orderby user.DisplayName
            select new MemberView(user.Id, user.DisplayName, manages ? user.UserName : null, member.Role, member.Since)
        ).ToListAsync(cancellationToken);
    }

    public async Task ChangeRoleAsync(Caller caller, Guid projectId, string userId, ProjectRole role, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageMembers, cancellationToken);
        var member = await MemberAsync(work, userId, cancellationToken);
        await work.CheckLeadMakerAsync(role, cancellationToken);
        await KeepALeadAsync(work, member, role, cancellationToken);
        var before = member.Role;
        member.ChangeRole(role);
        work.Audit("member.role-changed", userId, new { Role = before }, new { Role = role });
        await work.SaveAsync(cancellationToken);
    }

    public async Task RemoveMemberAsync(Caller caller, Guid projectId, string userId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageMembers, cancellationToken);
        var member = await MemberAsync(work, userId, cancellationToken);
        await KeepALeadAsync(work, member, null, cancellationToken);
        work.Db.Memberships.Remove(member);
        work.Audit("member.removed", userId, new { member.Role }, null);
        await work.SaveAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<InvitationView>> OpenInvitationsAsync(
        Caller caller,
        Guid projectId,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageMembers, cancellationToken);
        return await work
            .Db.Invitations.Where(i => i.ProjectId == projectId && i.AcceptedAt == null && i.RevokedAt == null && i.ExpiresAt > work.Now)
            .OrderBy(i => i.CreatedAt)
            .Select(i => new InvitationView(i.Id, i.Role, i.Note, i.CreatedAt, i.ExpiresAt))
            .ToListAsync(cancellationToken);
    }

    /// <returns>The path of the link, shown this once.</returns>
    public async Task<string> InviteAsync(Caller caller, Guid projectId, ProjectRole role, string note, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageMembers, cancellationToken);
        if (note.Length > MaxNoteLength)
        {
            throw new RuleViolationException($"The note has at most {MaxNoteLength} characters.");
        }

        await work.CheckLeadMakerAsync(role, cancellationToken);
        var token = SecretToken.Create();
        var invitation = new Invitation(SecretToken.Hash(token), projectId, role, note, caller.UserId, work.Now);
        work.Db.Invitations.Add(invitation);
        work.Audit("invitation.created", invitation.Id, null, new { role, note });
        await work.SaveAsync(cancellationToken);
        return $"/account/join/{token}";
    }

    public async Task RevokeInvitationAsync(Caller caller, Guid projectId, Guid invitationId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageMembers, cancellationToken);
        var invitation =
            await work.Db.Invitations.SingleOrDefaultAsync(i => i.Id == invitationId && i.ProjectId == projectId, cancellationToken)
            ?? throw new NotFoundException("There is no such invitation.");
        invitation.Revoke(work.Now);
        work.Audit("invitation.revoked", invitationId);
        await work.SaveAsync(cancellationToken);
    }

    private static void CheckAim(BenchmarkAim aim, double target)
    {
        if (!Enum.TryParse<BenchmarkKind>(aim.Benchmark, out var kind) || !BenchmarkMetrics.Of(kind).Contains(aim.Metric))
        {
            throw new RuleViolationException($"There is no figure '{aim.Metric}' of a benchmark '{aim.Benchmark}'.");
        }

        if (BenchmarkWords.Metric(aim.Metric).IsShare && target > 1)
        {
            throw new RuleViolationException("This target lies between 0 and 1 (0 to 100 %).");
        }
    }

    private static async Task<Goal> GoalAsync(ProjectWork work, Guid goalId, CancellationToken cancellationToken) =>
        await work.Db.Goals.SingleOrDefaultAsync(g => g.Id == goalId && g.ProjectId == work.ProjectId, cancellationToken)
        ?? throw new NotFoundException("There is no such goal; it may have been removed.");

    private static async Task<Membership> MemberAsync(ProjectWork work, string userId, CancellationToken cancellationToken) =>
        await work.Db.Memberships.SingleOrDefaultAsync(m => m.ProjectId == work.ProjectId && m.UserId == userId, cancellationToken)
        ?? throw new NotFoundException("This person is no member of the project.");

    private static async Task KeepALeadAsync(ProjectWork work, Membership member, ProjectRole? newRole, CancellationToken cancellationToken)
    {
        if (member.Role != ProjectRole.Lead || newRole == ProjectRole.Lead)
        {
            return;
        }

        if (
            !await work.Db.Memberships.AnyAsync(
                m => m.ProjectId == work.ProjectId && m.Role == ProjectRole.Lead && m.UserId != member.UserId,
                cancellationToken
            )
        )
        {
            throw new RuleViolationException("A project keeps at least one lead. Make somebody else lead first.");
        }
    }
}
