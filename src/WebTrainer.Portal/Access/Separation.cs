using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Projects;

namespace WebTrainer.Portal.Access;

/// <summary>What a project that separates people asks of those who approve, and of those who make leads.</summary>
public static class Separation
{
    /// <summary>Two accounts are not yet two people: both must be noted as different persons of the directory.</summary>
    /// <exception cref="RuleViolationException">They are not.</exception>
    public static async Task CheckApproverAsync(this ProjectWork work, string submittedBy, CancellationToken cancellationToken)
    {
        if (!await IsSeparatedAsync(work, cancellationToken))
        {
            return;
        }

        var people = await work
            .Db.Users.Where(u => u.Id == submittedBy || u.Id == work.Caller.UserId)
            .Select(u => u.DirectoryId)
            .ToListAsync(cancellationToken);
        if (people.Count != 2 || people.Contains(null))
        {
            throw new RuleViolationException(
                "In this project two persons of the directory submit and approve, and an administrator has not noted yet who both of you are there. Ask one to do so on the page Accounts."
            );
        }

        if (string.Equals(people[0], people[1], StringComparison.OrdinalIgnoreCase))
        {
            throw new RuleViolationException(
                "In this project two persons of the directory submit and approve; who submitted this is the same person as you. Ask another lead."
            );
        }
    }

    /// <exception cref="RuleViolationException">Only an administrator makes leads of this project.</exception>
    public static async Task CheckLeadMakerAsync(this ProjectWork work, ProjectRole role, CancellationToken cancellationToken)
    {
        if (
            role == ProjectRole.Lead
            && await IsSeparatedAsync(work, cancellationToken)
            && !await work.Db.Users.AnyAsync(u => u.Id == work.Caller.UserId && u.IsAdmin, cancellationToken)
        )
        {
            throw new RuleViolationException("Leads of this project are made by an administrator of the server. Ask one.");
        }
    }

    private static Task<bool> IsSeparatedAsync(ProjectWork work, CancellationToken cancellationToken) =>
        work.Db.Projects.AnyAsync(p => p.Id == work.ProjectId && p.SeparatesPeople, cancellationToken);
}
