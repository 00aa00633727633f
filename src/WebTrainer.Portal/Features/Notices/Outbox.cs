using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Domain.Notices;

namespace WebTrainer.Portal.Features.Notices;

/// <summary>
/// Where notices wait until they have arrived: one delivery for each receiver, written with what it tells of, so that none is lost and none
/// tells of what never was. The bell needs none: it shows what waits as it is.
/// </summary>
public sealed class Outbox(IOptions<NoticeOptions> options, WebhookSecrets secrets, TimeProvider time)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Adds deliveries to a database context; its owner saves.</summary>
    /// <param name="address">A webhook that is told whatever its topics are: that of an alert's rule; null for none.</param>
    public async Task AddAsync(AppDb db, Notice notice, string? address, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var project = await db.Projects.Where(p => p.Id == notice.ProjectId).Select(p => p.Name).SingleAsync(cancellationToken);
        foreach (var webhook in await WebhooksAsync(db, notice, address, cancellationToken))
        {
            db.Deliveries.Add(Delivery.ByWebhook(webhook, notice.Topic, notice.Subject, Json(notice, project, now), now));
        }

        if (options.Value.Mail.IsOn)
        {
            foreach (var person in await PeopleAsync(db, notice, cancellationToken))
            {
                var text = $"{notice.Text}\n\n{options.Value.LinkTo(notice.Path)}\n\nProject: {project}\n";
                db.Deliveries.Add(Delivery.ByMail(notice.ProjectId, person, notice.Topic, notice.Subject, text, now));
            }
        }
    }

    private async Task<IReadOnlyList<Webhook>> WebhooksAsync(AppDb db, Notice notice, string? address, CancellationToken cancellationToken)
    {
        var webhooks = await db.Webhooks.Where(w => w.ProjectId == notice.ProjectId).ToListAsync(cancellationToken);
        webhooks.AddRange(db.Webhooks.Local.Where(w => w.ProjectId == notice.ProjectId && !webhooks.Contains(w)));
        if (address is not null && !webhooks.Exists(w => w.Address == address))
        {
            // A rule names an address alone: it is told like any other, and its key is made anew on the page before anybody can check it.
            var made = new Webhook(notice.ProjectId, address, [], "", time.GetUtcNow());
            secrets.Renew(made);
            db.Webhooks.Add(made);
            webhooks.Add(made);
        }

        return [.. webhooks.Where(w => w.Topics.Contains(notice.Topic) || w.Address == address)];
    }

    private static async Task<IReadOnlyList<string>> PeopleAsync(AppDb db, Notice notice, CancellationToken cancellationToken)
    {
        var asked = await db
            .NoticePreferences.AsNoTracking()
            .Where(p => notice.People.Contains(p.UserId) && p.Address != "")
            .ToListAsync(cancellationToken);
        return [.. asked.Where(p => p.Topics.Contains(notice.Topic)).Select(p => p.UserId)];
    }

    private string Json(Notice notice, string project, DateTimeOffset now)
    {
        var body = new JsonObject
        {
            ["topic"] = JsonNamingPolicy.CamelCase.ConvertName(notice.Topic.ToString()),
            ["at"] = now,
            ["project"] = notice.ProjectId,
            ["projectName"] = project,
            ["subject"] = notice.Subject,
            ["text"] = notice.Text,
            ["link"] = options.Value.LinkTo(notice.Path),
        };
        foreach (var (name, value) in notice.Details ?? [])
        {
            body[name] = value?.DeepClone();
        }

        return body.ToJsonString(s_json);
    }
}
