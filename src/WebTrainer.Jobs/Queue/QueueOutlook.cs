using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Sharing;

namespace WebTrainer.Jobs.Queue;

/// <summary>Where a waiting job stands.</summary>
/// <param name="Place">In line, from 1.</param>
/// <param name="StartsAt">Null where it may not begin now, or nothing can be said.</param>
/// <param name="IsRough">It hangs on a job of which nobody knows how long it takes.</param>
/// <param name="Because">Why it waits, as the end of a sentence; a whole sentence where it may not begin.</param>
public sealed record QueueEntry(Job Job, int Place, DateTimeOffset? StartsAt, bool IsRough, string Because)
{
    /// <summary>It waits for more than a device.</summary>
    public bool IsHeld { get; init; }

    /// <summary>The place as people say it.</summary>
    public string PlaceInWords =>
        Place switch
        {
            1 => "next in line",
            2 => "second in line",
            3 => "third in line",
            4 => "fourth in line",
            5 => "fifth in line",
            _ => $"{Place.ToString(CultureInfo.InvariantCulture)}. in line",
        };
}

/// <summary>What waits for a device, in the order in which it would begin, each with its time and its reason.</summary>
public sealed class QueueOutlook
{
    private readonly IDbContextFactory<AppDb> _database;
    private readonly QueueReader _reader;
    private readonly FairQueue _queue;

    internal QueueOutlook(IDbContextFactory<AppDb> database, QueueReader reader, IOptions<SharingOptions> options) =>
        (_database, _reader, _queue) = (database, reader, new FairQueue(options.Value));

    public async Task<IReadOnlyList<QueueEntry>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var db = await _database.CreateDbContextAsync(cancellationToken);
        var jobs = await db
            .Jobs.AsNoTracking()
            .Where(job =>
                job.State == JobState.Queued
                || job.State == JobState.Starting
                || job.State == JobState.Running
                || job.State == JobState.Paused
            )
            .ToListAsync(cancellationToken);
        if (!jobs.Exists(job => job.State == JobState.Queued))
        {
            return [];
        }

        var state = await _reader.ReadAsync(db, jobs, cancellationToken);
        return Describe(state, await _reader.DaysBeforeAsync(db, state.Moment.Now, cancellationToken));
    }

    private List<QueueEntry> Describe(QueueState state, IReadOnlyList<IReadOnlyList<ComingJob>> days)
    {
        var starts = new QueueForecast(_queue).Of(state.Moment, days);
        var entries = new List<QueueEntry>();
        RankedJob? before = null;
        // Held jobs hold up nobody: they stand at the end.
        foreach (var ranked in _queue.Rank(state.Moment).OrderBy(ranked => ranked.Job.Held is not null))
        {
            var (job, start) = (state.Jobs[ranked.Job.Id], starts[ranked.Job.Id]);
            entries.Add(
                new QueueEntry(job, entries.Count + 1, start.StartsAt, start.IsRough, Because(ranked, before, state.Moment))
                {
                    IsHeld = ranked.Job.Held is not null,
                }
            );
            before = ranked;
        }

        return entries;
    }

    private static string Because(RankedJob ranked, RankedJob? before, QueueMoment moment)
    {
        if (ranked.Job.Held is { } held)
        {
            return held;
        }

        if (before is null)
        {
            return moment.Free.Any(slot => FairQueue.Fits(ranked.Job.Device, slot))
                ? "a device is free"
                : "each device that it may use is at work";
        }

        var reasons = new (double Hours, string Words)[]
        {
            (before.Bonus - ranked.Bonus, before.Job.IsShort ? "short work goes first" : "what has begun goes on first"),
            (before.Share - ranked.Share, "others have used less of the devices lately"),
            (before.Waited - ranked.Waited, "others came earlier"),
        };
        var most = reasons.MaxBy(reason => reason.Hours);
        var sum = before.Bonus + before.Share + before.Waited - (ranked.Bonus + ranked.Share + ranked.Waited);
        return sum < 0 ? "a lead of the project ranked it so" : most.Words;
    }
}
