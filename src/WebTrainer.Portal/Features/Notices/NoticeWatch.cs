using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Notices;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Notices;

/// <summary>
/// Makes notices of acts, which the audit log has all of, and of runs that ended. How far it looked is written with them: each is made
/// once, and those of a time in which the portal was down are made when it is up again.
/// </summary>
public sealed class NoticeWatch(IDbContextFactory<AppDb> databases, Outbox outbox, TimeProvider time, ILogger<NoticeWatch> logger)
    : SteadyService(logger)
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(5);

    /// <summary>A run's end is looked at this much later, so that none is missed whose moment is written down after it.</summary>
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(30);

    /// <summary>Acts of one look; the next goes on behind them.</summary>
    private const int MostActs = 500;

    /// <summary>Looks once.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        var newest = await db.Audit.MaxAsync(a => (long?)a.Id, cancellationToken) ?? 0;
        if (await db.NoticeMarks.SingleOrDefaultAsync(m => m.Id == NoticeMark.TheOne, cancellationToken) is not { } mark)
        {
            db.NoticeMarks.Add(new NoticeMark(newest, now - s_margin)); // nobody is told of what was before
            await db.SaveChangesAsync(cancellationToken);
            return;
        }

        var last = await TellActsAsync(db, mark.AuditId, newest, now, cancellationToken);
        var endedUpTo = await TellEndsAsync(db, mark.EndedUpTo, now - s_margin, cancellationToken);
        if ((last, endedUpTo) == (mark.AuditId, mark.EndedUpTo))
        {
            return;
        }

        mark.Move(last, endedUpTo);
        await db.SaveChangesAsync(cancellationToken);
    }

    protected override async Task WorkAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await LookAsync(stoppingToken);
        }
    }

    /// <returns>The last act that was looked at.</returns>
    private async Task<long> TellActsAsync(AppDb db, long from, long newest, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var acts = await db
            .Audit.AsNoTracking()
            .Where(a => a.Id > from && a.Id <= newest && ActNotices.Actions.Contains(a.Action))
            .OrderBy(a => a.Id)
            .Take(MostActs)
            .ToListAsync(cancellationToken);
        var reader = new ActNotices(db, now);
        foreach (var act in acts)
        {
            if (await reader.OfAsync(act, cancellationToken) is { } notice)
            {
                await outbox.AddAsync(db, notice, address: null, cancellationToken);
            }
        }

        return acts.Count == MostActs ? acts[^1].Id : newest;
    }

    /// <returns>Up to when was looked; where nothing ended, from where, so that an idle server writes nothing.</returns>
    private async Task<DateTimeOffset> TellEndsAsync(
        AppDb db,
        DateTimeOffset from,
        DateTimeOffset until,
        CancellationToken cancellationToken
    )
    {
        var ended = await db
            .Runs.AsNoTracking()
            .Include(r => r.Job)
            .Where(r => r.SearchId == null && r.ImportedFrom == null)
            .Where(r => r.Job!.EndedAt > from && r.Job.EndedAt <= until)
            .OrderBy(r => r.Job!.EndedAt)
            .ToListAsync(cancellationToken);
        foreach (var run in ended)
        {
            await outbox.AddAsync(db, ActNotices.OfEnd(run), address: null, cancellationToken);
        }

        return ended.Count == 0 ? from : ended[^1].Job!.EndedAt!.Value;
    }
}
