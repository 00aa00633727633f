using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Domain;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Admin;

/// <param name="Project">Null for administrators of the server.</param>
public sealed record DirectoryRuleView(Guid Id, string Claim, string Value, string? Project, ProjectRole Role, DateTimeOffset CreatedAt);

/// <summary>A project to choose from.</summary>
public sealed record ProjectName(Guid Id, string Name);

/// <summary>What groups of the directory are here. Rules take effect at each person's next sign-in.</summary>
public sealed class DirectoryRules(Authorizer authorizer, IOptions<AuthOptions> auth)
{
    private const int MostRules = 500;

    public async Task<IReadOnlyList<DirectoryRuleView>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAdminAsync(caller, cancellationToken);
        return await work
            .Db.DirectoryRules.OrderBy(r => r.CreatedAt)
            .Select(r => new DirectoryRuleView(
                r.Id,
                r.Claim,
                r.Value,
                work.Db.Projects.Where(p => p.Id == r.ProjectId).Select(p => p.Name).FirstOrDefault(),
                r.Role,
                r.CreatedAt
            ))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Names alone: administrators see a project's content only as its members.</summary>
    public async Task<IReadOnlyList<ProjectName>> ProjectsAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAdminAsync(caller, cancellationToken);
        return await work.Db.Projects.OrderBy(p => p.Name).Select(p => new ProjectName(p.Id, p.Name)).ToListAsync(cancellationToken);
    }

    /// <param name="projectId">Null makes administrators of the server.</param>
    /// <exception cref="RuleViolationException">The same rule is there, or there are too many.</exception>
    public async Task AddAsync(
        Caller caller,
        string claim,
        string value,
        Guid? projectId,
        ProjectRole role,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAdminAsync(caller, cancellationToken);
        var rule = new DirectoryRule(claim, value, projectId, role, caller.UserId, work.Now);
        if (projectId is { } id && !await work.Db.Projects.AnyAsync(p => p.Id == id, cancellationToken))
        {
            throw new NotFoundException("There is no such project.");
        }

        if (
            await work.Db.DirectoryRules.AnyAsync(
                r => r.Claim == rule.Claim && r.Value == rule.Value && r.ProjectId == projectId,
                cancellationToken
            )
        )
        {
            throw new RuleViolationException("There is a rule for this group already. Remove it first.");
        }

        if (await work.Db.DirectoryRules.CountAsync(cancellationToken) >= MostRules)
        {
            throw new RuleViolationException($"There are {MostRules} rules, and no more are kept. Remove some first.");
        }

        work.Db.DirectoryRules.Add(rule);
        work.AuditIn(projectId, "directory.rule-added", rule.Id, null, Words(rule));
        await work.SaveAsync(cancellationToken);
    }

    public async Task RemoveAsync(Caller caller, Guid ruleId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAdminAsync(caller, cancellationToken);
        var rule =
            await work.Db.DirectoryRules.SingleOrDefaultAsync(r => r.Id == ruleId, cancellationToken)
            ?? throw new NotFoundException("There is no such rule.");
        work.Db.DirectoryRules.Remove(rule);
        work.AuditIn(rule.ProjectId, "directory.rule-removed", rule.Id, Words(rule), null);
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>What the page says above the table: who administers by the settings.</summary>
    public string AdministratorsBySettings =>
        auth.Value.AdministratorGroups.Count == 0 ? "" : string.Join(", ", auth.Value.AdministratorGroups);

    private static object Words(DirectoryRule rule) =>
        new
        {
            rule.Claim,
            rule.Value,
            Becomes = rule.ProjectId is null ? "administrator" : rule.Role.ToString(),
        };
}
