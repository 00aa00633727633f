using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Projects;

/// <param name="UserId">Who stands in: a reviewer or engineer of the project.</param>
/// <param name="From">The first day, of UTC.</param>
/// <param name="To">The last day, of UTC.</param>
public sealed record NewDeputy(string UserId, DateOnly From, DateOnly To);

/// <param name="LeadName">In whose place.</param>
/// <param name="Until">Up to this moment, which is none of it.</param>
public sealed record DeputyView(Guid Id, string LeadName, string Name, DateTimeOffset From, DateTimeOffset Until);

/// <summary>Who approves while a lead is away.</summary>
public sealed class DeputyService(Authorizer authorizer)
{
    /// <summary>Those that are not over, the earliest first.</summary>
    public async Task<IReadOnlyList<DeputyView>> ListAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Enter, cancellationToken);
        return await (
            from deputy in work.Db.Deputies
            join lead in work.Db.Users on deputy.LeadId equals lead.Id
            join person in work.Db.Users on deputy.UserId equals person.Id
            where deputy.ProjectId == projectId && deputy.Until > work.Now
            orderby deputy.From
            select new DeputyView(deputy.Id, lead.DisplayName, person.DisplayName, deputy.From, deputy.Until)
        ).ToListAsync(cancellationToken);
    }

    /// <summary>A lead names who approves in their own place.</summary>
    public async Task<Guid> NameAsync(Caller caller, Guid projectId, NewDeputy form, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(form);
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageMembers, cancellationToken);
        await work.CheckLeadMakerAsync(ProjectRole.Lead, cancellationToken); // where leads are administrators' to make, their places are too
        var member =
            await work
                .Db.Memberships.AsNoTracking()
                .SingleOrDefaultAsync(m => m.ProjectId == projectId && m.UserId == form.UserId, cancellationToken)
            ?? throw new NotFoundException("This person is no member of the project.");
        var deputy = new Deputy(
            projectId,
            caller.UserId,
            member.UserId,
            member.Role,
            Midnight(form.From),
            Midnight(form.To).AddDays(1),
            work.Now
        );
        work.Db.Deputies.Add(deputy);
        work.Audit(
            "deputy.named",
            member.UserId,
            null,
            new
            {
                deputy.Id,
                deputy.From,
                deputy.Until,
            }
        );
        await work.SaveAsync(cancellationToken);
        return deputy.Id;
    }

    /// <summary>A lead ends it at once; what was approved stands.</summary>
    public async Task EndAsync(Caller caller, Guid projectId, Guid deputyId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageMembers, cancellationToken);
        var deputy =
            await work.Db.Deputies.SingleOrDefaultAsync(d => d.Id == deputyId && d.ProjectId == projectId, cancellationToken)
            ?? throw new NotFoundException("There is nobody who stands in so.");
        var before = deputy.Until;
        deputy.End(work.Now);
        work.Audit("deputy.ended", deputy.UserId, new { Until = before }, new { deputy.Until });
        await work.SaveAsync(cancellationToken);
    }

    private static DateTimeOffset Midnight(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
}
