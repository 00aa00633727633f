using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Notices;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Notices;

/// <summary>
/// Sends what waits in the outbox: at least once each, again with growing pauses where it did not arrive, and not in quiet hours.
/// </summary>
public sealed class NoticeSender(
    IDbContextFactory<AppDb> databases,
    WebhookSender webhooks,
    Mailer mailer,
    TimeProvider time,
    ILogger<NoticeSender> logger
) : SteadyService(logger)
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(5);

    /// <summary>Of one look.</summary>
    private const int MostAtOnce = 100;

    /// <summary>Sends what is due now.</summary>
    public async Task SendAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        var due = await db
            .Deliveries.Where(d => d.SentAt == null && d.DeadAt == null && d.NextAt <= now)
            .OrderBy(d => d.NextAt)
            .Take(MostAtOnce)
            .Select(d => d.Id)
            .ToListAsync(cancellationToken);
        foreach (var id in due)
        {
            await SendAsync(id, cancellationToken);
        }

        var old = now - Delivery.KeptFor;
        await db.Deliveries.Where(d => d.SentAt != null && d.SentAt < old).ExecuteDeleteAsync(cancellationToken);
    }

    protected override async Task WorkAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await SendAsync(stoppingToken);
        }
    }

    private async Task SendAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Deliveries.SingleOrDefaultAsync(d => d.Id == id, cancellationToken) is not { SentAt: null, DeadAt: null } delivery)
        {
            return;
        }

        try
        {
            if (await PrepareAsync(db, delivery, cancellationToken) is not { } send)
            {
                return;
            }

            delivery.Rest(time.GetUtcNow() + Delivery.Claim);
            await db.SaveChangesAsync(cancellationToken);
            if (await send(cancellationToken) is not { } problem)
            {
                delivery.Arrive(time.GetUtcNow());
            }
            else
            {
                delivery.Fail(problem.Sentence, problem.IsFinal, time.GetUtcNow());
                Logger.LogWarning("Delivery {Delivery} did not arrive, try {Try}", delivery.Id, delivery.Tries);
            }

            await db.SaveChangesAsync(CancellationToken.None);
        }
        catch (DbUpdateConcurrencyException)
        {
            Logger.LogInformation("Delivery {Delivery} is another's to send", delivery.Id);
        }
    }

    /// <returns>Null where it is not to be sent now, or never.</returns>
    private async Task<Func<CancellationToken, Task<SendProblem?>>?> PrepareAsync(
        AppDb db,
        Delivery delivery,
        CancellationToken cancellationToken
    )
    {
        if (delivery.WebhookId is { } webhookId)
        {
            var webhook = await db.Webhooks.AsNoTracking().SingleAsync(w => w.Id == webhookId, cancellationToken);
            return stop => webhooks.SendAsync(webhook, delivery, stop);
        }

        var isMember = await db.Memberships.AnyAsync(
            m => m.ProjectId == delivery.ProjectId && m.UserId == delivery.UserId && db.Users.Any(u => u.Id == m.UserId && !u.IsDisabled),
            cancellationToken
        );
        var preference = await db
            .NoticePreferences.AsNoTracking()
            .SingleOrDefaultAsync(p => p.UserId == delivery.UserId, cancellationToken);
        if (!isMember || preference is not { Address.Length: > 0 })
        {
            db.Deliveries.Remove(delivery); // who left, or wants no mail any more, is told nothing
            await db.SaveChangesAsync(cancellationToken);
            return null;
        }

        var now = time.GetUtcNow();
        if (preference.NotBefore(now) is var then && then > now)
        {
            delivery.Rest(then);
            await db.SaveChangesAsync(cancellationToken);
            return null;
        }

        return stop => mailer.SendAsync(preference.Address, delivery, stop);
    }
}
