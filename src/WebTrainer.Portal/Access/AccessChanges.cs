using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using WebTrainer.Data.Identity;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Projects;

namespace WebTrainer.Portal.Access;

/// <summary>
/// Tells that somebody's rights may have changed: looked at where they are written down, so that no use case can forget to tell.
/// </summary>
public sealed class AccessChanges : SaveChangesInterceptor
{
    private readonly ConditionalWeakTable<DbContext, object> _saving = [];
    private readonly Channel<bool> _told = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true }
    );

    /// <summary>Ends when something has changed since the last call; many changes at once are one.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _told.Reader.ReadAsync(cancellationToken);

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData,
        InterceptionResult<int> result,
        CancellationToken cancellationToken = default
    )
    {
        if (
            eventData.Context is { } db
            && db.ChangeTracker.Entries()
                .Any(e =>
                    e.State is EntityState.Modified or EntityState.Deleted
                    && e.Entity is Membership or AppUser or UserSession or PersonalAccessToken or ApiKey
                )
        )
        {
            _saving.AddOrUpdate(db, db);
        }

        return base.SavingChangesAsync(eventData, result, cancellationToken);
    }

    public override ValueTask<int> SavedChangesAsync(
        SaveChangesCompletedEventData eventData,
        int result,
        CancellationToken cancellationToken = default
    )
    {
        if (eventData.Context is { } db && _saving.Remove(db))
        {
            _told.Writer.TryWrite(true);
        }

        return base.SavedChangesAsync(eventData, result, cancellationToken);
    }
}
