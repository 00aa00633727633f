using System.Globalization;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Sharing;

namespace WebTrainer.Jobs.Queue;

/// <summary>
/// Device hours of the calendar month (UTC) beside their quotas. Jobs of who has used all of theirs wait; those that work go on to their
/// end.
/// </summary>
internal sealed class DeviceHours
{
    private readonly Dictionary<Guid, double> _projectQuotas;
    private readonly ILookup<Guid, Use> _ofProject;
    private readonly ILookup<string, Use> _ofPerson;
    private readonly double _personQuota;
    private readonly DateTimeOffset _next;

    private DeviceHours(Dictionary<Guid, double> projectQuotas, double personQuota, List<Use> uses, DateTimeOffset next)
    {
        (_projectQuotas, _personQuota, _next) = (projectQuotas, personQuota, next);
        _ofProject = uses.ToLookup(use => use.ProjectId);
        _ofPerson = uses.ToLookup(use => use.UserId);
    }

    /// <summary>The first moment of the month.</summary>
    public static DateTimeOffset MonthOf(DateTimeOffset now) => new(now.UtcDateTime.Year, now.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="jobs">All that wait or hold a device.</param>
    public static async Task<DeviceHours> ReadAsync(
        AppDb db,
        IReadOnlyList<Job> jobs,
        SharingOptions options,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var month = MonthOf(now);
        var quotas = await db
            .Projects.Where(project => project.MonthlyDeviceHours != null)
            .ToDictionaryAsync(project => project.Id, project => project.MonthlyDeviceHours!.Value, cancellationToken);
        if (quotas.Count == 0 && options.PersonDeviceHours == 0)
        {
            return new DeviceHours([], 0, [], month);
        }

        var ended = await db.DeviceUses.Where(use => use.Until > month).ToListAsync(cancellationToken);
        List<Use> uses =
        [
            .. ended.Select(use => new Use(use.ProjectId, use.UserId, Hours(use.From, use.Until, month))),
            .. jobs.Where(job => job.SlotSince is not null)
                .Select(job => new Use(job.ProjectId, job.CreatedBy, Hours(job.SlotSince!.Value, now, month))),
        ];
        return new DeviceHours(quotas, options.PersonDeviceHours, uses, month.AddMonths(1));
    }

    /// <returns>A sentence; null where it may begin.</returns>
    public string? WhyNot(Job job)
    {
        if (_projectQuotas.TryGetValue(job.ProjectId, out var quota) && _ofProject[job.ProjectId].Sum(use => use.Hours) >= quota)
        {
            return $"The project has used its {Words(quota)} device hours of this month; it goes on at {Words(_next)}, or when an administrator raises them.";
        }

        return _personQuota > 0 && _ofPerson[job.CreatedBy].Sum(use => use.Hours) >= _personQuota
            ? $"Who asked for it has used the {Words(_personQuota)} device hours that one person has in a month; it goes on at {Words(_next)}."
            : null;
    }

    /// <summary>Hours of it behind the month's begin.</summary>
    internal static double Hours(DateTimeOffset from, DateTimeOffset until, DateTimeOffset month) =>
        Math.Max(0, (until - (from < month ? month : from)).TotalHours);

    private static string Words(double hours) => hours.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Words(DateTimeOffset month) => month.ToString("d MMMM, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private readonly record struct Use(Guid ProjectId, string UserId, double Hours);
}
