using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Projects;

namespace WebTrainer.Portal.Access;

/// <summary>The first of two approvals.</summary>
/// <param name="By">User id.</param>
public sealed record FirstApproval(string By, DateTimeOffset At);

/// <summary>What is asked of those who approve, and of those who make leads, so that one person is not two.</summary>
public static class Separation
{
    /// <summary>
    /// Two accounts are not yet two people: where the project separates them, both must be noted as different persons of the directory. And
    /// who stands in for somebody is not a second person beside them.
    /// </summary>
    /// <param name="first">Null where one approval is enough, or this is the first.</param>
    /// <exception cref="RuleViolationException">They are not two.</exception>
    public static async Task CheckApproverAsync(
        this ProjectWork work,
        string submittedBy,
        FirstApproval? first,
        CancellationToken cancellationToken
    )
    {
        await CheckDeputyAsync(work, submittedBy, first, cancellationToken);
        await CheckPersonsAsync(work, submittedBy, work.Caller.UserId, cancellationToken);
    }

    /// <summary>As <see cref="CheckApproverAsync"/>, of an approval that somebody gave before.</summary>
    /// <exception cref="RuleViolationException">They are not two.</exception>
    public static async Task CheckPersonsAsync(
        this ProjectWork work,
        string submittedBy,
        string approver,
        CancellationToken cancellationToken
    )
    {
        if (!await IsSeparatedAsync(work, cancellationToken))
        {
            return;
        }

        var people = await work
            .Db.Users.Where(u => u.Id == submittedBy || u.Id == approver)
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

    private static async Task CheckDeputyAsync(
        ProjectWork work,
        string submittedBy,
        FirstApproval? first,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<string> mine = work.Role == ProjectRole.Lead ? [work.Caller.UserId] : work.StandsInFor;
        var voices = mine.Where(lead => lead != submittedBy).ToList();
        if (voices.Count == 0 && work.Role != ProjectRole.Lead)
        {
            throw new RuleViolationException(
                "You stand in for who handed this in, and nobody's own work is approved in their place. Ask another lead."
            );
        }

        if (first is null)
        {
            return;
        }

        var firsts = await VoicesAsync(work, first, cancellationToken);
        if (voices.Count > 0 && !firsts.Any(one => voices.Exists(two => one != two)))
        {
            throw new RuleViolationException(
                "The first approval was given by you, or in the same lead's place as yours: the two of you count as one. The project's policy asks for a second approver: ask another lead."
            );
        }
    }

    /// <summary>The leads in whose place the first approval was given; who gave it, where that was in nobody's.</summary>
    private static async Task<IReadOnlyList<string>> VoicesAsync(ProjectWork work, FirstApproval first, CancellationToken cancellationToken)
    {
        var leads = await work
            .Db.Deputies.Where(d => d.ProjectId == work.ProjectId && d.UserId == first.By && d.From <= first.At && d.Until > first.At)
            .Select(d => d.LeadId)
            .ToListAsync(cancellationToken);
        return leads.Count > 0 ? leads : [first.By];
    }

    private static Task<bool> IsSeparatedAsync(ProjectWork work, CancellationToken cancellationToken) =>
        work.Db.Projects.AnyAsync(p => p.Id == work.ProjectId && p.SeparatesPeople, cancellationToken);
}
