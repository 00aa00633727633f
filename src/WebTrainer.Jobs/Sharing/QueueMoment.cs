using WebTrainer.Domain.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Sharing;

/// <summary>A job that waits for a device.</summary>
/// <param name="QueuedAt">Its waiting counts from here.</param>
/// <param name="Device">As its spec asks, see <see cref="DeviceName"/>.</param>
public sealed record WaitingJob(Guid Id, Guid ProjectId, string CreatedBy, DateTimeOffset QueuedAt, string Device)
{
    public JobPriority Priority { get; init; } = JobPriority.Normal;

    /// <summary>It is expected to take no longer than short work does.</summary>
    public bool IsShort { get; init; }

    /// <summary>It began already, and gave its device to short work.</summary>
    public bool GoesOn { get; init; }

    /// <summary>It can give its device away at a step and go on later, and hasn't been told to.</summary>
    public bool CanYield { get; init; }

    /// <summary>Seconds that it will still take; null where nothing is known of its like.</summary>
    public double? ExpectedSeconds { get; init; }

    /// <summary>Why it may not begin now, in a sentence; null where only a device is missing.</summary>
    public string? Held { get; init; }

    public Sharer Sharer => new(ProjectId, CreatedBy);
}

/// <summary>A job that holds a device.</summary>
/// <param name="Since">When it got it.</param>
/// <param name="Job">As it would wait if it gave it away now.</param>
public sealed record ActiveJob(string Slot, DateTimeOffset Since, WaitingJob Job)
{
    /// <summary>It was told to give its device away and hasn't yet.</summary>
    public bool IsYielding { get; init; }
}

/// <summary>All that the queue's choice depends on.</summary>
/// <param name="Free">Slots that may be given away: <c>cpu:0</c>, <c>cuda:1</c>, …</param>
/// <param name="Shares">With what was used before; jobs that hold devices are counted by whoever chooses.</param>
public sealed record QueueMoment(
    DateTimeOffset Now,
    IReadOnlyList<WaitingJob> Waiting,
    IReadOnlyList<ActiveJob> Active,
    IReadOnlyList<string> Free,
    FairShare Shares
);

/// <summary>A job and the slot it gets.</summary>
public sealed record Placement(WaitingJob Job, string Slot);

/// <summary>What is to be done now.</summary>
/// <param name="Placements">Jobs that begin.</param>
/// <param name="Yields">Jobs that give their device to short work.</param>
public sealed record QueueChoice(IReadOnlyList<Placement> Placements, IReadOnlyList<ActiveJob> Yields);

/// <summary>A waiting job with what it goes by, in hours of waiting.</summary>
/// <param name="Hours">The higher, the earlier it begins.</param>
/// <param name="Waited">Hours since it came.</param>
/// <param name="Share">What its project and person are due.</param>
/// <param name="Bonus">For being short, or for going on.</param>
public sealed record RankedJob(WaitingJob Job, double Hours, double Waited, double Share, double Bonus);

/// <summary>A job that may come.</summary>
/// <param name="After">So long after now.</param>
public sealed record ComingJob(TimeSpan After, WaitingJob Job);
