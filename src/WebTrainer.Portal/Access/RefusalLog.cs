using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Audit;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Access;

/// <summary>
/// Writes into the audit log who was refused what; the same again and again is written once a minute, so that nobody fills the log by
/// trying.
/// </summary>
public sealed class RefusalLog(IDbContextFactory<AppDb> databases, TimeProvider time, ILogger<RefusalLog> logger)
{
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<(string UserId, Guid? ProjectId, string What), DateTimeOffset> _noted = new();

    /// <param name="what">The right, or the token's scope, that was missing.</param>
    public async Task NoteAsync(Caller caller, Guid? projectId, string what, CancellationToken cancellationToken)
    {
        var (now, key) = (time.GetUtcNow(), (caller.UserId, projectId, what));
        if (_noted.TryGetValue(key, out var last) && now - last < s_pause)
        {
            return;
        }

        if (_noted.Count >= MaxRemembered)
        {
            _noted.Clear();
        }

        _noted[key] = now;
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            // An id that is made up is no project's: nothing is written under it.
            var known = projectId is { } id && await db.Projects.AnyAsync(p => p.Id == id, cancellationToken) ? projectId : null;
            db.Audit.Add(new AuditEntry(now, caller.UserId, caller.Name, known, "access.refused", what, null, null));
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (Exception fault) when (PassingFault.Is(fault))
        {
            // refused all the same
            logger.LogError(fault, "A refusal of {What} to user {User} could not be written into the audit log", what, caller.UserId);
        }
    }
}
