using WebTrainer.Domain.Runs;
using WebTrainer.Domain.Searches;

namespace WebTrainer.Portal.Features.Searches;

/// <summary>How long a search's trials have held their devices, together.</summary>
public static class DeviceTime
{
    public static TimeSpan Of(SettingSearch search, DateTimeOffset now) =>
        search.Trials.Select(t => t.Run?.Job).OfType<Job>().Aggregate(TimeSpan.Zero, (sum, job) => sum + Of(job, now));

    /// <param name="job">With its <see cref="Job.Uses"/>: the time in which it gave its device to others is none of it.</param>
    public static TimeSpan Of(Job job, DateTimeOffset now) =>
        job.Uses.Aggregate(job.SlotSince is { } since ? now - since : TimeSpan.Zero, (sum, use) => sum + (use.Until - use.From));
}
