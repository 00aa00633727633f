using Quartz;

namespace WebTrainer.Portal.Hosting;

/// <summary>Cron expressions as people write them.</summary>
public static class CronSchedule
{
    /// <summary>
    /// Of times that follow each other, two of these lie in one minute where a schedule has several seconds in a minute, whenever it is
    /// asked.
    /// </summary>
    private const int ComparedTimes = 3;

    /// <param name="shortest">Between two times.</param>
    /// <param name="tooOften">What is said where they follow faster.</param>
    /// <returns>What is wrong with it, in a sentence; null where it can be.</returns>
    public static string? Fault(string schedule, DateTimeOffset now, TimeSpan shortest, string tooOften)
    {
        if (Times(schedule, now) is not { } times)
        {
            return "Write the schedule as a cron expression of six fields: 0 0 3 * * ? is each night at three.";
        }

        if (times.Count == 0)
        {
            return "This schedule has no time that is still to come. Change its day, month or year, or leave it empty.";
        }

        return times.Zip(times.Skip(1), (one, next) => next - one).Any(gap => gap < shortest) ? tooOften : null;
    }

    /// <returns>The next time; null where there is none, or it is no schedule.</returns>
    public static DateTimeOffset? Next(string schedule, DateTimeOffset now) => Times(schedule, now) is [var next, ..] ? next : null;

    /// <returns>The first times to come; null where it is no schedule.</returns>
    private static List<DateTimeOffset>? Times(string schedule, DateTimeOffset now)
    {
        var times = new List<DateTimeOffset>();
        try
        {
            var cron = new CronExpression(schedule);
            for (
                var at = cron.GetNextValidTimeAfter(now);
                at is { } time && times.Count < ComparedTimes;
                at = cron.GetNextValidTimeAfter(time)
            )
            {
                times.Add(time);
            }

            return times;
        }
        catch (Exception fault) when (fault is FormatException or ArgumentException or OverflowException)
        {
            return null;
        }
    }
}
