using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Queue;

/// <param name="Device">As its spec asks, see <see cref="DeviceName"/>.</param>
public sealed record WaitingJob(Guid Id, string CreatedBy, DateTimeOffset QueuedAt, string Device);

/// <summary>A job and the slot it gets.</summary>
public sealed record Placement(WaitingJob Job, string Slot);

/// <summary>Who is next: whoever has the fewest jobs at work, then whoever waits longest.</summary>
public static class FairQueue
{
    /// <param name="activeByCreator">Jobs at work, by who made them.</param>
    /// <param name="freeSlots"><c>cpu:0</c>, <c>cuda:1</c>, …</param>
    public static IReadOnlyList<Placement> Place(
        IEnumerable<WaitingJob> waiting,
        IReadOnlyDictionary<string, int> activeByCreator,
        IEnumerable<string> freeSlots
    )
    {
        var active = new Dictionary<string, int>(activeByCreator);
        var left = waiting.ToList();
        var placements = new List<Placement>();
        foreach (var slot in freeSlots.OrderBy(slot => DeviceName.IsGpu(slot) ? 0 : 1)) // whom any device suits gets the best
        {
            var next = left.Where(job => Fits(job.Device, slot))
                .OrderBy(job => active.GetValueOrDefault(job.CreatedBy))
                .ThenBy(job => job.QueuedAt)
                .ThenBy(job => job.Id)
                .FirstOrDefault();
            if (next is null)
            {
                continue;
            }

            left.Remove(next);
            active[next.CreatedBy] = active.GetValueOrDefault(next.CreatedBy) + 1;
            placements.Add(new Placement(next, slot));
        }

        return placements;
    }

    /// <summary>CPU slots are alike; a job that names a GPU runs on no other.</summary>
    public static bool Fits(string device, string slot) => device == DeviceName.Any || DeviceName.KindOf(slot) == device || slot == device;
}
