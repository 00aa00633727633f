using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Projects;

namespace WebTrainer.Portal.Access;

/// <summary>The one place where rights are checked: against the database at each use, so that a lost role is lost at once.</summary>
public sealed class Authorizer(IDbContextFactory<AppDb> databases, TimeProvider time, ILogger<Authorizer> logger)
{
    /// <summary>Opens a use case in a project.</summary>
    /// <exception cref="NotFoundException">No such project for this caller.</exception>
    /// <exception cref="ForbiddenException">A member without this right.</exception>
    public Task<ProjectWork> OpenAsync(Caller caller, Guid projectId, Permission permission, CancellationToken ct) =>
        OpenAsync(caller, projectId, now => now.Demand(caller, projectId, permission), $"{permission} in project {projectId}", ct);

    /// <summary>Opens a use case outside projects that any active user may do for themselves.</summary>
    public Task<ProjectWork> OpenOwnAsync(Caller caller, string scope, CancellationToken ct)
    {
        caller.DemandScope(scope);
        return OpenServerAsync(caller, now => now.DemandAlive(caller), ct);
    }

    /// <summary>Opens a use case of the server's administrators. Access tokens can't do these.</summary>
    public Task<ProjectWork> OpenAdminAsync(Caller caller, CancellationToken ct) => caller.Scopes is null
        ? OpenServerAsync(caller, now => now.DemandAdmin(caller), ct)
        : throw new ForbiddenException("Administration is done in the browser, not with an access token.");

    /// <summary>Whether menus show what administrators alone may open. Only for showing: each use case checks anew.</summary>
    public async Task<bool> IsAdminAsync(Caller caller, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        return caller.Scopes is null && await db.Users.AnyAsync(u => u.Id == caller.UserId && !u.IsDisabled && u.IsAdmin, ct);
    }

    private Task<ProjectWork> OpenServerAsync(Caller caller, Action<Standings> demand, CancellationToken ct) => OpenAsync(
        caller, projectId: null,
        now =>
        {
            demand(now);
            return null;
        },
        "a use case of the server", ct);

    /// <param name="demand">Gives the role in the project, or refuses.</param>
    private async Task<ProjectWork> OpenAsync(Caller caller, Guid? projectId, Func<Standings, ProjectRole?> demand, string what, CancellationToken ct)
    {
        var db = await databases.CreateDbContextAsync(ct);
        try
        {
            var now = time.GetUtcNow();
            return new ProjectWork(db, caller, projectId, demand(await Standings.ReadAsync(db, [caller], [], now, ct)), now);
        }
        catch (Exception ex)
        {
            if (ex is NotFoundException or ForbiddenException)
                logger.LogWarning("User {User} was refused {What}: {Why}", caller.UserId, what, ex.Message);
            await db.DisposeAsync();
            throw;
        }
    }
}
