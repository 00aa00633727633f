using WebTrainer.Domain.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Sharing;

/// <summary>
/// Who is next, by Slurm's multifactor priority (https://slurm.schedmd.com/priority_multifactor.html): a weighted sum of age, fair share
/// and
/// quality of service, here in hours of waiting. Two things differ from Slurm: the age has no bound, so that nobody waits forever, and what
/// a
/// lead ranks exchanges places among the own project's jobs alone.
/// </summary>
public sealed class FairQueue(SharingOptions options)
{
    /// <summary>What a job of which nothing is known is counted as, until it has ended.</summary>
    public const double UnknownSeconds = 3600;

    /// <summary>See <see cref="SharingOptions.LeastTurn"/>.</summary>
    public TimeSpan LeastTurn => options.LeastTurn;

    /// <summary>CPU slots are alike; a job that names a GPU runs on no other.</summary>
    public static bool Fits(string device, string slot) => device == DeviceName.Any || DeviceName.KindOf(slot) == device || slot == device;

    /// <summary>Gives free slots to waiting jobs, and asks runs for theirs where short work is next and finds none.</summary>
    public QueueChoice Choose(QueueMoment moment)
    {
        var shares = Charged(moment);
        var left = moment.Waiting.Where(job => job.Held is null).ToList();
        var placements = new List<Placement>();
        foreach (var slot in moment.Free.OrderBy(slot => DeviceName.IsGpu(slot) ? 0 : 1)) // whom any device suits gets the best
        {
            if (Rank(left, shares, moment.Now).FirstOrDefault(ranked => Fits(ranked.Job.Device, slot)) is not { Job: { } next })
            {
                continue;
            }

            left.Remove(next);
            shares.Charge(next.Sharer, next.ExpectedSeconds ?? UnknownSeconds);
            placements.Add(new Placement(next, slot));
        }

        return new QueueChoice(placements, options.RunsYield ? Yields(moment, left, shares) : []);
    }

    /// <summary>The queue in its order: who would get the next device, were it one that suits all.</summary>
    public IReadOnlyList<RankedJob> Rank(QueueMoment moment) => Rank(moment.Waiting, Charged(moment), moment.Now);

    /// <summary>Who works now will have used what the work takes: two people who begin at once are even at once.</summary>
    private static Shares Charged(QueueMoment moment)
    {
        var shares = moment.Shares.Among(moment.Waiting.Concat(moment.Active.Select(active => active.Job)).Select(job => job.Sharer));
        foreach (var active in moment.Active)
        {
            shares.Charge(active.Job.Sharer, (moment.Now - active.Since).TotalSeconds + (active.Job.ExpectedSeconds ?? UnknownSeconds));
        }

        return shares;
    }

    private List<RankedJob> Rank(IReadOnlyCollection<WaitingJob> waiting, Shares shares, DateTimeOffset now)
    {
        var factors = waiting.Select(job => job.Sharer).Distinct().ToDictionary(who => who, shares.FactorOf);
        var ranked = waiting
            .Select(job =>
            {
                var waited = (now - job.QueuedAt).TotalHours;
                var share = options.FairShareHours * factors[job.Sharer];
                var bonus = Bonus(job);
                return new RankedJob(job, waited + share + bonus, waited, share, bonus);
            })
            .GroupBy(job => job.Job.ProjectId)
            .SelectMany(Exchange)
            .ToList();
        ranked.Sort(Before);
        return ranked;
    }

    private double Bonus(WaitingJob job) =>
        job.IsShort ? options.ShortWorkHours
        : job.GoesOn ? options.GoingOnHours
        : 0;

    /// <summary>The project's places stay where they are; who of it stands in which is its lead's to say.</summary>
    private IEnumerable<RankedJob> Exchange(IEnumerable<RankedJob> ofProject)
    {
        var places = ofProject.Order(Comparer<RankedJob>.Create(Before)).ToList();
        return places.TrueForAll(job => job.Job.Priority == JobPriority.Normal)
            ? places
            : places
                .Select(job => (Job: job, Hours: job.Hours + (options.PriorityHours * ((int)job.Job.Priority - (int)JobPriority.Normal))))
                .OrderByDescending(own => own.Hours) // stable
                .Zip(places, (own, place) => own.Job with { Hours = place.Hours });
    }

    private static int Before(RankedJob one, RankedJob other)
    {
        var order = other.Hours.CompareTo(one.Hours);
        order = order != 0 ? order : one.Job.QueuedAt.CompareTo(other.Job.QueuedAt);
        return order != 0 ? order : one.Job.Id.CompareTo(other.Job.Id);
    }

    /// <summary>
    /// A run gives its device away only to short work that would come before it and all others: else it would be taken back at once.
    /// </summary>
    private List<ActiveJob> Yields(QueueMoment moment, List<WaitingJob> left, Shares shares)
    {
        var yields = new List<ActiveJob>();
        var coming = moment.Active.Where(active => active.IsYielding).Select(active => active.Slot).ToList();
        foreach (var wanting in Rank(left, shares, moment.Now).Where(ranked => ranked.Job.IsShort).Select(ranked => ranked.Job))
        {
            if (coming.Find(slot => Fits(wanting.Device, slot)) is { } freed)
            {
                coming.Remove(freed);
                continue;
            }

            var victim = moment
                .Active.Where(active => MayYield(active, moment.Now) && Fits(wanting.Device, active.Slot) && !yields.Contains(active))
                .Where(active => IsNext(wanting, active, left, shares, moment.Now))
                .OrderBy(active => shares.FactorOf(active.Job.Sharer)) // who has used most
                .ThenByDescending(active => active.Since)
                .FirstOrDefault();
            if (victim is not null)
            {
                yields.Add(victim);
            }
        }

        return yields;
    }

    private bool MayYield(ActiveJob active, DateTimeOffset now) =>
        active is { IsYielding: false, Job: { CanYield: true, IsShort: false } } && now - active.Since >= options.LeastTurn;

    private bool IsNext(WaitingJob wanting, ActiveJob active, List<WaitingJob> left, Shares shares, DateTimeOffset now)
    {
        var back = active.Job with { QueuedAt = now, GoesOn = true };
        return Rank([.. left.Where(job => Fits(job.Device, active.Slot)), back], shares, now)
            .TakeWhile(ranked => ranked.Job.IsShort)
            .Any(ranked => ranked.Job.Id == wanting.Id);
    }
}
