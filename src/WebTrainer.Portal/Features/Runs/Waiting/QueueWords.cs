using System.Globalization;
using WebTrainer.Jobs.Queue;

namespace WebTrainer.Portal.Features.Runs.Waiting;

/// <summary>Where a job stands in the queue, as a sentence.</summary>
public static class QueueWords
{
    /// <summary>"Starts about 14:20, third in line, because others came earlier."</summary>
    public static string Sentence(QueueEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.IsHeld)
        {
            return entry.Because;
        }

        var begins = entry.Job.YieldedAt is null ? "Starts" : $"Gave its device to short work and goes on from step {entry.Job.Step}";
        var when = entry.StartsAt is { } at ? $"{begins} {Time(at)}" : $"{begins} once a device that it may use is there";
        var rough = entry.IsRough ? " This is a guess: nobody knows how long one of the jobs before it takes." : "";
        return $"{when}, {entry.PlaceInWords}, because {entry.Because}.{rough}";
    }

    /// <summary>By the server's clock, as all times of the pages.</summary>
    private static string Time(DateTimeOffset at)
    {
        var local = at.ToLocalTime();
        return local.Date == DateTimeOffset.Now.Date
            ? local.ToString("'about' HH:mm", CultureInfo.InvariantCulture)
            : local.ToString("'about' ddd d MMM, HH:mm", CultureInfo.InvariantCulture);
    }
}
