using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Projects;

namespace WebTrainer.Portal.Access;

/// <summary>Who approves in a lead's place, and for whom.</summary>
public static class Deputies
{
    /// <summary>Those of these people who stand in now for somebody who still leads the project and can still sign in.</summary>
    public static Task<List<Deputy>> NowAsync(
        AppDb db,
        IReadOnlyCollection<string> userIds,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        db
            .Deputies.AsNoTracking()
            .Where(d => userIds.Contains(d.UserId) && d.From <= now && d.Until > now)
            .Where(d => db.Memberships.Any(m => m.ProjectId == d.ProjectId && m.UserId == d.LeadId && m.Role == ProjectRole.Lead))
            .Where(d => db.Users.Any(u => u.Id == d.LeadId && !u.IsDisabled))
            .ToListAsync(cancellationToken);

    /// <summary>Names of the leads in whose place the caller does what the own role does not let; null where it does.</summary>
    public static async Task<IReadOnlyList<string>?> InPlaceOfAsync(
        this ProjectWork work,
        Permission permission,
        CancellationToken cancellationToken
    ) =>
        work.Role.Allows(permission)
            ? null
            : [.. (await work.PeopleNamesAsync(work.StandsInFor, cancellationToken)).Values.Order(StringComparer.Ordinal)];
}
