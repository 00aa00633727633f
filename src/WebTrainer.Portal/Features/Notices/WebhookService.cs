using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Domain;
using WebTrainer.Domain.Notices;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Notices;

/// <param name="Address">An http or https address without a name and password in it.</param>
/// <param name="Topics">What it is told by itself; none where only alerts' rules name it.</param>
public sealed record NewWebhook(string Address, IReadOnlyList<NoticeTopic> Topics);

/// <param name="Secret">The key of its signatures, shown this once.</param>
public sealed record MadeWebhook(Guid Id, string Secret);

public sealed record WebhookView(Guid Id, string Address, IReadOnlyList<NoticeTopic> Topics, DateTimeOffset CreatedAt);

/// <summary>A notice that never arrived.</summary>
/// <param name="Receiver">The webhook's address, or the person's name.</param>
public sealed record DeadNotice(
    Guid Id,
    string Receiver,
    NoticeTopic Topic,
    string Subject,
    string Problem,
    int Tries,
    DateTimeOffset CreatedAt,
    DateTimeOffset DeadAt
);

/// <summary>Addresses that are told of what happens in a project, and what never arrived.</summary>
public sealed class WebhookService(Authorizer authorizer, WebhookSecrets secrets, IOptions<NoticeOptions> options)
{
    /// <summary>Notices that never arrived which are shown, from the newest.</summary>
    private const int MostDead = 200;

    public async Task<IReadOnlyList<WebhookView>> ListAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.SetGoals, cancellationToken);
        var webhooks = await work
            .Db.Webhooks.AsNoTracking()
            .Where(w => w.ProjectId == projectId)
            .OrderBy(w => w.CreatedAt)
            .ToListAsync(cancellationToken);
        return [.. webhooks.Select(w => new WebhookView(w.Id, w.Address, w.Topics, w.CreatedAt))];
    }

    public async Task<MadeWebhook> AddAsync(Caller caller, Guid projectId, NewWebhook form, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(form);
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.SetGoals, cancellationToken);
        if (await work.Db.Webhooks.CountAsync(w => w.ProjectId == projectId, cancellationToken) >= options.Value.WebhooksOfProject)
        {
            throw new RuleViolationException($"A project has at most {options.Value.WebhooksOfProject} webhooks. Remove one first.");
        }

        var address = AddressOf(form.Address);
        if (await work.Db.Webhooks.AnyAsync(w => w.ProjectId == projectId && w.Address == address, cancellationToken))
        {
            throw new RuleViolationException("This address is there already. Make a new key for it, or remove it first.");
        }

        var webhook = new Webhook(projectId, address, form.Topics, caller.UserId, work.Now);
        var secret = secrets.Renew(webhook);
        work.Db.Webhooks.Add(webhook);
        work.Audit("webhook.added", webhook.Id, null, new { Host = HostOf(webhook), webhook.Topics });
        await work.SaveAsync(cancellationToken);
        return new(webhook.Id, secret);
    }

    /// <summary>Replaces the key of its signatures: the old one is good for nothing that is sent from now on.</summary>
    public async Task<MadeWebhook> RenewAsync(Caller caller, Guid projectId, Guid webhookId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.SetGoals, cancellationToken);
        var webhook = await FindAsync(work, webhookId, cancellationToken);
        var secret = secrets.Renew(webhook);
        work.Audit("webhook.key-renewed", webhook.Id, null, new { Host = HostOf(webhook) });
        await work.SaveAsync(cancellationToken);
        return new(webhook.Id, secret);
    }

    /// <summary>Removes it with what is on its way to it.</summary>
    public async Task RemoveAsync(Caller caller, Guid projectId, Guid webhookId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.SetGoals, cancellationToken);
        var webhook = await FindAsync(work, webhookId, cancellationToken);
        work.Db.Webhooks.Remove(webhook);
        work.Audit("webhook.removed", webhook.Id, new { Host = HostOf(webhook), webhook.Topics });
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>Notices of the project that never arrived, the newest first.</summary>
    public async Task<IReadOnlyList<DeadNotice>> DeadAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.SetGoals, cancellationToken);
        return await (
            from delivery in work.Db.Deliveries
            join hook in work.Db.Webhooks on delivery.WebhookId equals hook.Id into hooks
            from webhook in hooks.DefaultIfEmpty()
            join user in work.Db.Users on delivery.UserId equals user.Id into users
            from person in users.DefaultIfEmpty()
            where delivery.ProjectId == projectId && delivery.DeadAt != null
            orderby delivery.DeadAt descending
            select new DeadNotice(
                delivery.Id,
                webhook != null ? webhook.Address : person.DisplayName,
                delivery.Topic,
                delivery.Subject,
                delivery.Problem ?? "",
                delivery.Tries,
                delivery.CreatedAt,
                delivery.DeadAt!.Value
            )
        )
            .Take(MostDead)
            .ToListAsync(cancellationToken);
    }

    /// <summary>Has a notice that was put aside tried from the beginning.</summary>
    public async Task SendAgainAsync(Caller caller, Guid projectId, Guid deliveryId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.SetGoals, cancellationToken);
        var delivery =
            await work.Db.Deliveries.SingleOrDefaultAsync(d => d.Id == deliveryId && d.ProjectId == projectId, cancellationToken)
            ?? throw new NotFoundException("There is no such notice in this project.");
        delivery.SendAgain(work.Now);
        work.Audit("notice.sent-again", delivery.Id, null, new { delivery.Topic });
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>The address as it is kept.</summary>
    /// <exception cref="RuleViolationException">It is none.</exception>
    public static string AddressOf(string address)
    {
        try
        {
            return SafeHttp.Parse(address?.Trim() ?? "").AbsoluteUri;
        }
        catch (DataProblemException problem)
        {
            throw new RuleViolationException(problem.Message);
        }
    }

    // Paths and queries of such addresses often hold a key of the receiver's.
    private static string HostOf(Webhook webhook) => new Uri(webhook.Address).Host;

    private static async Task<Webhook> FindAsync(ProjectWork work, Guid webhookId, CancellationToken cancellationToken) =>
        await work.Db.Webhooks.SingleOrDefaultAsync(w => w.Id == webhookId && w.ProjectId == work.ProjectId, cancellationToken)
        ?? throw new NotFoundException("There is no such webhook in this project.");
}
