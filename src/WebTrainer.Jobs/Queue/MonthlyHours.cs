using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;

namespace WebTrainer.Jobs.Queue;

/// <summary>What a project has used of its device hours of the calendar month (UTC).</summary>
public static class MonthlyHours
{
    /// <returns>Hours that jobs of the project have held devices since the month began, those that hold one now included.</returns>
    public static async Task<double> UsedAsync(AppDb db, Guid projectId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        var month = DeviceHours.MonthOf(now);
        var ended = await db.DeviceUses.Where(use => use.ProjectId == projectId && use.Until > month).ToListAsync(cancellationToken);
        var held = await db
            .Jobs.Where(job => job.ProjectId == projectId && job.SlotSince != null)
            .Select(job => job.SlotSince!.Value)
            .ToListAsync(cancellationToken);
        return ended.Sum(use => DeviceHours.Hours(use.From, use.Until, month)) + held.Sum(since => DeviceHours.Hours(since, now, month));
    }
}
