using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Projects;

namespace WebTrainer.Portal.Access;

/// <summary>The one place where rights are checked: against the database at each use, so that a lost role is lost at once.</summary>
public sealed class Authorizer(
    IDbContextFactory<AppDb> databases,
    RefusalLog refusals,
    ReadLog reads,
    IOptions<AuthOptions> auth,
    TimeProvider time,
    ILogger<Authorizer> logger
)
{
    private const string Administration = "Administration",
        Account = "Account",
        Models = "ManageModels";

    /// <summary>Opens a use case in a project.</summary>
    /// <exception cref="NotFoundException">No such project for this caller.</exception>
    /// <exception cref="ForbiddenException">A member without this right.</exception>
    public Task<ProjectWork> OpenAsync(Caller caller, Guid projectId, Permission permission, CancellationToken cancellationToken) =>
        OpenAsync(
            caller,
            projectId,
            now => now.Demand(caller, projectId, permission),
            caller.Lacks(TokenScopes.Of(permission)) ? TokenScopes.Of(permission) : permission.ToString(),
            cancellationToken
        );

    /// <summary>Opens a use case outside projects that any active user may do for themselves.</summary>
    public async Task<ProjectWork> OpenOwnAsync(Caller caller, string scope, CancellationToken cancellationToken)
    {
        await DemandScopeAsync(caller, scope, projectId: null, cancellationToken);
        return await OpenServerAsync(caller, now => now.DemandStrong(caller), Account, cancellationToken);
    }

    /// <summary>Opens a use case of the server's administrators. Access tokens can't do these.</summary>
    public async Task<ProjectWork> OpenAdminAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (caller.Scopes is null)
        {
            return await OpenServerAsync(caller, now => now.DemandAdmin(caller), Administration, cancellationToken);
        }

        await refusals.NoteAsync(caller, null, Administration, cancellationToken);
        throw new ForbiddenException("Administration is done in the browser, not with an access token.");
    }

    /// <summary>
    /// Opens a use case that changes the server's base models, from the project whose page asks for it. They serve all projects, so that no
    /// role in one of them is enough.
    /// </summary>
    public async Task<ProjectWork> OpenModelsAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await DemandScopeAsync(caller, TokenScopes.WriteRuns, projectId, cancellationToken);
        var work = await OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        if (await MayManageModelsAsync(work.Db, caller, cancellationToken))
        {
            return work;
        }

        await work.DisposeAsync();
        logger.LogWarning("User {User} was refused a change of the base models", caller.UserId);
        await refusals.NoteAsync(caller, projectId, Models, cancellationToken);
        throw new ForbiddenException(
            "Base models serve all projects of this server, and adapters that are brought in answer on them: its administrators add them and take them away, or those whom they let. Ask one of them."
        );
    }

    /// <summary>Whether pages show what <see cref="OpenModelsAsync"/> opens. Only for showing: each use case checks anew.</summary>
    public async Task<bool> MayManageModelsAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await MayManageModelsAsync(db, caller, cancellationToken);
    }

    /// <summary>Whether the caller's session is by a password alone and the server asks for more. Only for showing the way.</summary>
    public async Task<bool> NeedsSecondFactorAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (auth.Value.SecondFactor == SecondFactorRule.Optional)
        {
            return false;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = await Standings.ReadAsync(db, [caller], [], auth.Value.SecondFactor, time.GetUtcNow(), cancellationToken);
        now.DemandAlive(caller);
        return now.IsTooWeak(caller);
    }

    /// <summary>Whether menus show what administrators alone may open. Only for showing: each use case checks anew.</summary>
    public async Task<bool> IsAdminAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return caller.Scopes is null
            && await db.Users.AnyAsync(u => u.Id == caller.UserId && !u.IsDisabled && u.IsAdmin, cancellationToken);
    }

    /// <exception cref="ForbiddenException">The caller's token was not made for this.</exception>
    public async Task DemandScopeAsync(Caller caller, string scope, Guid? projectId, CancellationToken cancellationToken)
    {
        if (caller.Lacks(scope))
        {
            await refusals.NoteAsync(caller, projectId, scope, cancellationToken);
        }

        caller.DemandScope(scope);
    }

    private static Task<bool> MayManageModelsAsync(AppDb db, Caller caller, CancellationToken cancellationToken) =>
        db.Users.AnyAsync(u => u.Id == caller.UserId && !u.IsDisabled && (u.IsAdmin || u.ManagesModels), cancellationToken);

    private Task<ProjectWork> OpenServerAsync(Caller caller, Action<Standings> demand, string what, CancellationToken cancellationToken) =>
        OpenAsync(
            caller,
            projectId: null,
            now =>
            {
                demand(now);
                return null;
            },
            what,
            cancellationToken
        );

    /// <param name="demand">Gives the role in the project, or refuses.</param>
    /// <param name="what">The right that is missing where it refuses.</param>
    private async Task<ProjectWork> OpenAsync(
        Caller caller,
        Guid? projectId,
        Func<Standings, ProjectRole?> demand,
        string what,
        CancellationToken cancellationToken
    )
    {
        var db = await databases.CreateDbContextAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            var standings = await Standings.ReadAsync(db, [caller], [], auth.Value.SecondFactor, now, cancellationToken);
            var role = demand(standings);
            IReadOnlyList<string> standsInFor = projectId is { } project ? [.. standings.StandsInFor(caller, project)] : [];
            return new ProjectWork(db, caller, projectId, role, now, reads, standsInFor);
        }
        catch (Exception ex)
        {
            await db.DisposeAsync();
            if (ex is NotFoundException or ForbiddenException)
            {
                logger.LogWarning("User {User} was refused {What} in project {Project}: {Why}", caller.UserId, what, projectId, ex.Message);
                await refusals.NoteAsync(caller, projectId, what, cancellationToken);
            }

            throw;
        }
    }
}
