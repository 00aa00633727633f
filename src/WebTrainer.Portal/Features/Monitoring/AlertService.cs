using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Monitoring;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Notices;

namespace WebTrainer.Portal.Features.Monitoring;

/// <summary>A rule to be made.</summary>
public sealed record NewAlert(AlertKind Kind, double Limit, int WindowMinutes = 60, int QuietMinutes = 360, string? Webhook = null);

/// <summary>Rules by which somebody is told of what an endpoint does.</summary>
public sealed class AlertService(Authorizer authorizer)
{
    /// <summary>Rules of an endpoint at most.</summary>
    public const int MaxRules = 20;

    public async Task<IReadOnlyList<AlertRule>> ListAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        await work.EndpointAsync(deploymentId, cancellationToken);
        return await work
            .Db.AlertRules.AsNoTracking()
            .Where(r => r.DeploymentId == deploymentId)
            .OrderBy(r => r.Id)
            .ToListAsync(cancellationToken);
    }

    /// <summary>Whether pages show the form; each use case checks anew.</summary>
    public async Task<bool> MayAddAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Enter, cancellationToken);
        return work.Role.Allows(Permission.ManageDeployments);
    }

    public async Task<Guid> AddAsync(Caller caller, Guid projectId, Guid deploymentId, NewAlert form, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageDeployments, cancellationToken);
        await work.EndpointAsync(deploymentId, cancellationToken);
        if (await work.Db.AlertRules.CountAsync(r => r.DeploymentId == deploymentId, cancellationToken) >= MaxRules)
        {
            throw new RuleViolationException($"An endpoint has at most {MaxRules} rules.");
        }

        var address = string.IsNullOrWhiteSpace(form.Webhook) ? null : WebhookService.AddressOf(form.Webhook);
        var rule = new AlertRule(deploymentId, form.Kind, form.Limit, form.WindowMinutes, form.QuietMinutes, address, caller.UserId);
        work.Db.AlertRules.Add(rule);
        work.Audit(
            "deployment.alert-added",
            deploymentId,
            null,
            new
            {
                rule.Kind,
                rule.Limit,
                rule.WindowMinutes,
                ToldElsewhere = rule.Webhook is not null,
            }
        );
        await work.SaveAsync(cancellationToken);
        return rule.Id;
    }

    public async Task RemoveAsync(Caller caller, Guid projectId, Guid deploymentId, Guid ruleId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageDeployments, cancellationToken);
        await work.EndpointAsync(deploymentId, cancellationToken);
        var rule =
            await work.Db.AlertRules.SingleOrDefaultAsync(r => r.Id == ruleId && r.DeploymentId == deploymentId, cancellationToken)
            ?? throw new NotFoundException("The endpoint has no such rule.");
        work.Db.AlertRules.Remove(rule);
        work.Audit("deployment.alert-removed", deploymentId, new { rule.Kind, rule.Limit });
        await work.SaveAsync(cancellationToken);
    }
}
