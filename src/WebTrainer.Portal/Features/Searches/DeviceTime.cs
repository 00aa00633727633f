using WebTrainer.Domain.Runs;
using WebTrainer.Domain.Searches;

namespace WebTrainer.Portal.Features.Searches;

/// <summary>How long a search's trials have held their devices, together.</summary>
public static class DeviceTime
{
    public static TimeSpan Of(SettingSearch search, DateTimeOffset now) =>
        search.Trials.Select(t => t.Run?.Job).OfType<Job>().Aggregate(TimeSpan.Zero, (sum, job) => sum + Of(job, now));

    public static TimeSpan Of(Job job, DateTimeOffset now) => job.StartedAt is { } started ? (job.EndedAt ?? now) - started : TimeSpan.Zero;
}
