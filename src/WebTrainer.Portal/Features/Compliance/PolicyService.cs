using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Policies;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Policies;

namespace WebTrainer.Portal.Features.Compliance;

/// <param name="IsDamaged">What is in the database can't be read: nothing passes before the policy is set anew.</param>
public sealed record PolicyView(ProjectPolicy Policy, bool MaySet, bool IsDamaged);

/// <summary>The rules of a project. <see cref="PolicyGate"/> asks them wherever something is about to be done.</summary>
public sealed class PolicyService(Authorizer authorizer)
{
    public async Task<PolicyView> GetAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var policy = await work.PolicyAsync(cancellationToken) ?? ProjectPolicy.None;
        return new(policy.IsDamaged ? ProjectPolicy.None : policy, work.Role.Allows(Permission.SetGoals), policy.IsDamaged);
    }

    /// <summary>
    /// Replaces all rules. What was done before stands: endpoints that answer go on, and are judged when another version is promoted.
    /// </summary>
    public async Task SetAsync(Caller caller, Guid projectId, ProjectPolicy policy, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(policy);
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.SetGoals, cancellationToken);
        var project = await work.Db.Projects.SingleAsync(p => p.Id == projectId, cancellationToken);
        var before = project.Policy ?? ProjectPolicy.None;
        if (policy is { TwoApproversAbove: not null } or { SelfApprovedBelow: not null } && project.DeviceHourPrice is null)
        {
            throw new RuleViolationException(
                "A rule that goes by cost needs the price of a device hour. Set it on the page Goals first, then save the policy again."
            );
        }

        project.SetPolicy(policy);
        work.Audit("policy.set", projectId, before, project.Policy ?? ProjectPolicy.None);
        await work.SaveAsync(cancellationToken);
    }
}
