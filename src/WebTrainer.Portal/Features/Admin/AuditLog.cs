using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Audit;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Admin;

public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, int Total);

/// <summary>Reads the audit log: a lead that of the project, an administrator that of the server.</summary>
public sealed class AuditLog(Authorizer authorizer)
{
    public const int MaxPageSize = 200;

    public async Task<AuditPage> ReadProjectAsync(
        Caller caller,
        Guid projectId,
        string? filter,
        int skip,
        int take,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageMembers, cancellationToken);
        return await PageAsync(work.Db.Audit.Where(e => e.ProjectId == projectId), filter, skip, take, cancellationToken);
    }

    public async Task<AuditPage> ReadServerAsync(Caller caller, string? filter, int skip, int take, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAdminAsync(caller, cancellationToken);
        return await PageAsync(work.Db.Audit.Where(e => e.ProjectId == null), filter, skip, take, cancellationToken);
    }

    private static async Task<AuditPage> PageAsync(
        IQueryable<AuditEntry> entries,
        string? filter,
        int skip,
        int take,
        CancellationToken cancellationToken
    )
    {
        if (!string.IsNullOrWhiteSpace(filter))
        {
            entries = entries.Where(e => e.Action.Contains(filter) || e.UserName.Contains(filter) || e.Subject.Contains(filter));
        }

        var total = await entries.CountAsync(cancellationToken);
        var page = await entries
            .AsNoTracking()
            .OrderByDescending(e => e.Id)
            .Skip(skip)
            .Take(Math.Min(take, MaxPageSize))
            .ToListAsync(cancellationToken);
        return new AuditPage(page, total);
    }
}
