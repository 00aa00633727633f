using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Projects;

namespace WebTrainer.Portal.Access;

/// <summary>The one place where rights are checked: against the database at each use, so that a lost role is lost at once.</summary>
public sealed class Authorizer(IDbContextFactory<AppDb> databases, RefusalLog refusals, TimeProvider time, ILogger<Authorizer> logger)
{
    private const string Administration = "Administration";

    /// <summary>Opens a use case in a project.</summary>
    /// <exception cref="NotFoundException">No such project for this caller.</exception>
    /// <exception cref="ForbiddenException">A member without this right.</exception>
    public async Task<ProjectWork> OpenAsync(Caller caller, Guid projectId, Permission permission, CancellationToken ct)
    {
        var db = await databases.CreateDbContextAsync(ct);
        try
        {
            var role = await RoleAsync(db, caller, projectId, ct);
            if (role is null)
            {
                logger.LogWarning("User {User} asked for {Permission} in project {Project}, of which they are no member", caller.UserId, permission, projectId);
                await refusals.NoteAsync(caller, projectId, permission.ToString(), ct);
                throw new NotFoundException("There is no such project, or you are not a member of it.");
            }

            await CheckScopeAsync(caller, ScopeOf(permission), projectId, ct);
            if (!role.Value.Allows(permission))
            {
                logger.LogWarning("User {User} ({Role}) was refused {Permission} in project {Project}", caller.UserId, role, permission, projectId);
                await refusals.NoteAsync(caller, projectId, permission.ToString(), ct);
                throw new ForbiddenException($"Your role in this project is {role}; it may not do this. Ask a lead of the project.");
            }

            return new ProjectWork(db, caller, projectId, role, time.GetUtcNow());
        }
        catch
        {
            await db.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a use case outside projects that any active user may do for themselves.</summary>
    public async Task<ProjectWork> OpenOwnAsync(Caller caller, string scope, CancellationToken ct)
    {
        await CheckScopeAsync(caller, scope, null, ct);
        return await OpenServerAsync(caller, adminOnly: false, ct);
    }

    /// <summary>Opens a use case of the server's administrators. Access tokens can't do these.</summary>
    public async Task<ProjectWork> OpenAdminAsync(Caller caller, CancellationToken ct)
    {
        if (caller.Scopes is null)
            return await OpenServerAsync(caller, adminOnly: true, ct);
        await refusals.NoteAsync(caller, null, Administration, ct);
        throw new ForbiddenException("Administration is done in the browser, not with an access token.");
    }

    /// <summary>
    /// Opens a use case that changes the server's base models, from the project whose page asks for it. They serve all projects, so that no role in one
    /// of them is enough.
    /// </summary>
    public async Task<ProjectWork> OpenModelsAsync(Caller caller, Guid projectId, CancellationToken ct)
    {
        await CheckScopeAsync(caller, TokenScopes.WriteRuns, projectId, ct);
        var work = await OpenAsync(caller, projectId, Permission.ViewResults, ct);
        if (await MayManageModelsAsync(work.Db, caller, ct))
            return work;
        logger.LogWarning("User {User} was refused a change of the base models", caller.UserId);
        await refusals.NoteAsync(caller, projectId, "ManageModels", ct);
        await work.DisposeAsync();
        throw new ForbiddenException("Base models serve all projects of this server: its administrators add them and take them away, or those whom they let. Ask one of them.");
    }

    /// <summary>Whether pages show what <see cref="OpenModelsAsync"/> opens. Only for showing: each use case checks anew.</summary>
    public async Task<bool> MayManageModelsAsync(Caller caller, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        return await MayManageModelsAsync(db, caller, ct);
    }

    /// <summary>Whether menus show what administrators alone may open. Only for showing: each use case checks anew.</summary>
    public async Task<bool> IsAdminAsync(Caller caller, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        return caller.Scopes is null && await db.Users.AnyAsync(u => u.Id == caller.UserId && !u.IsDisabled && u.IsAdmin, ct);
    }

    private static Task<bool> MayManageModelsAsync(AppDb db, Caller caller, CancellationToken ct) =>
        db.Users.AnyAsync(u => u.Id == caller.UserId && !u.IsDisabled && (u.IsAdmin || u.ManagesModels), ct);

    private async Task<ProjectWork> OpenServerAsync(Caller caller, bool adminOnly, CancellationToken ct)
    {
        var db = await databases.CreateDbContextAsync(ct);
        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == caller.UserId && !u.IsDisabled, ct);
        if (user is null || adminOnly && !user.IsAdmin)
        {
            logger.LogWarning("User {User} was refused a use case of the server", caller.UserId);
            await refusals.NoteAsync(caller, null, adminOnly ? Administration : "Account", ct);
            await db.DisposeAsync();
            throw new ForbiddenException(user is null ? "This account can't be used any more." : "Only administrators of this server may do this.");
        }

        return new ProjectWork(db, caller, null, null, time.GetUtcNow());
    }

    private static async Task<ProjectRole?> RoleAsync(AppDb db, Caller caller, Guid projectId, CancellationToken ct) =>
        await (from member in db.Memberships
               join user in db.Users on member.UserId equals user.Id
               where member.ProjectId == projectId && member.UserId == caller.UserId && !user.IsDisabled
               select (ProjectRole?)member.Role).SingleOrDefaultAsync(ct);

    private async Task CheckScopeAsync(Caller caller, string scope, Guid? projectId, CancellationToken ct)
    {
        if (caller.Scopes is null || caller.Scopes.Contains(scope))
            return;
        await refusals.NoteAsync(caller, projectId, scope, ct);
        throw new ForbiddenException($"This access token lacks the scope '{scope}'.");
    }

    private static string ScopeOf(Permission permission) => permission switch
    {
        Permission.Enter or Permission.ViewResults => TokenScopes.Read,
        Permission.ManageData or Permission.ManageLabeling or Permission.AnswerItems or Permission.ReviewItems => TokenScopes.WriteData,
        Permission.ApproveRuns or Permission.ManageMembers or Permission.SetGoals or Permission.ManageKeys => TokenScopes.ApproveRuns,
        _ => TokenScopes.WriteRuns,
    };
}
