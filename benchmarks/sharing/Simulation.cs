using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Sharing;

namespace WebTrainer.Benchmarks.Sharing;

/// <summary>What became of a job.</summary>
/// <param name="Predicted">When it would begin, said in the moment in which it came; null where that moment it began at once.</param>
internal sealed record Course(SimulatedJob Job, DateTimeOffset Came, DateTimeOffset Began, DateTimeOffset? Predicted)
{
    public double WaitSeconds => (Began - Came).TotalSeconds;
}

/// <summary>A device in somebody's hands.</summary>
internal sealed record Held(Sharer Who, DateTimeOffset From, DateTimeOffset Until);

/// <summary>
/// Plays a demand with a clock of its own. Who begins and who yields is the portal's own queue (<see cref="FairQueue"/>), and the time that
/// is
/// said to who waits its own forecast; or whoever came first begins, and nobody yields.
/// </summary>
/// <param name="queue">Null for first in, first out.</param>
internal sealed class Simulation(IReadOnlyList<SimulatedJob> demand, IReadOnlyList<string> slots, FairQueue? queue, SharingOptions options)
{
    /// <summary>From being told to give a device away to the next job's beginning: a step, a checkpoint, a process.</summary>
    private const double HandoverSeconds = 2;

    /// <summary>What a run loses by giving its device away: it loads its model again.</summary>
    private const double ReloadSeconds = 10;

    private const int DaysBefore = 3;

    private static readonly DateTimeOffset s_begin = new(2026, 11, 2, 0, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<Guid, double> _left = demand.ToDictionary(job => job.Id, job => job.Seconds);
    private readonly Dictionary<Guid, (DateTimeOffset Came, DateTimeOffset? Predicted)> _came = [];
    private readonly Dictionary<Guid, Course> _courses = [];
    private readonly List<(SimulatedJob Job, DateTimeOffset QueuedAt, bool GoesOn)> _waiting = [];
    private readonly List<Work> _active = [];
    private DateTimeOffset _now = s_begin;

    public List<Held> Held { get; } = [];

    public int Yields { get; private set; }

    /// <summary>Who had work waiting, at the full hours.</summary>
    public Dictionary<DateTimeOffset, HashSet<Sharer>> Wanting { get; } = [];

    public IReadOnlyList<Course> Run()
    {
        var coming = new Queue<SimulatedJob>(demand);
        var hour = s_begin;
        while (coming.Count > 0 || _waiting.Count > 0 || _active.Count > 0)
        {
            var next = NextEvent(coming);
            for (; hour <= next; hour = hour.AddHours(1))
            {
                Wanting[hour] = [.. _waiting.Select(job => job.Job.Who)];
            }

            _now = next;
            foreach (var ended in _active.Where(work => work.Ends <= _now).ToList())
            {
                End(ended);
            }

            while (coming.TryPeek(out var job) && s_begin + job.Comes <= _now)
            {
                coming.Dequeue();
                _came[job.Id] = (_now, null);
                _waiting.Add((job, _now, false));
                _came[job.Id] = (_now, Predict(job));
            }

            Act();
        }

        return [.. demand.Select(job => _courses[job.Id])];
    }

    private DateTimeOffset NextEvent(Queue<SimulatedJob> coming)
    {
        var times = _active.Select(work => work.Ends);
        if (coming.TryPeek(out var job))
        {
            times = times.Append(s_begin + job.Comes);
        }

        // Turns end, and whoever waits for that is looked at again.
        if (queue is not null && _waiting.Exists(waiting => waiting.Job.IsShort))
        {
            times = times.Concat(_active.Select(work => work.From + options.LeastTurn).Where(turn => turn > _now));
        }

        return times.Min();
    }

    private void Act()
    {
        if (queue is null)
        {
            foreach (var slot in Free())
            {
                if (_waiting.Count > 0)
                {
                    Begin(_waiting[0].Job, slot);
                }
            }

            return;
        }

        var choice = queue.Choose(Moment());
        foreach (var (job, slot) in choice.Placements)
        {
            Begin(_waiting.Find(waiting => waiting.Job.Id == job.Id).Job, slot);
        }

        foreach (var yielding in choice.Yields)
        {
            var work = _active.Find(active => active.Job.Id == yielding.Job.Id)!;
            work.YieldsAt = _now.AddSeconds(HandoverSeconds);
            Yields++;
        }
    }

    private DateTimeOffset? Predict(SimulatedJob job)
    {
        if (queue is null)
        {
            return null;
        }

        return new QueueForecast(queue, HandoverSeconds).Of(Moment(), ComingAsBefore())[job.Id].StartsAt;
    }

    /// <summary>What came on each of the days before, from this hour on.</summary>
    private List<IReadOnlyList<ComingJob>> ComingAsBefore()
    {
        var days = new List<IReadOnlyList<ComingJob>>();
        for (var day = 1; day <= DaysBefore && s_begin.AddDays(day) <= _now; day++)
        {
            var then = _now - s_begin - TimeSpan.FromDays(day);
            days.Add([
                .. demand
                    .Where(job => job.Comes > then && job.Comes <= then + TimeSpan.FromDays(1))
                    .Select(job => new ComingJob(job.Comes - then, Describe(job with { Id = Guid.NewGuid() }, _now, job.Seconds, 0))),
            ]);
        }

        return days;
    }

    private QueueMoment Moment()
    {
        var shares = new FairShare(_ => 1, _ => 1);
        foreach (var held in Held.Where(held => held.Until > _now - (DeviceUsage.HalfLivesKept * options.HalfLife)))
        {
            shares.Charge(held.Who, DeviceUsage.Decayed(held.From, held.Until, _now, options.HalfLife));
        }

        return new QueueMoment(
            _now,
            [
                .. _waiting.Select(waiting =>
                    Describe(waiting.Job, waiting.QueuedAt, _left[waiting.Job.Id], 0) with
                    {
                        GoesOn = waiting.GoesOn,
                    }
                ),
            ],
            [
                .. _active.Select(work => new ActiveJob(
                    work.Slot,
                    work.From,
                    Describe(work.Job, work.From, work.LeftAt(_now), work.DoneAt(_now)) with
                    {
                        CanYield = !work.Job.IsShort,
                    }
                )
                {
                    IsYielding = work.YieldsAt is not null,
                }),
            ],
            [.. Free()],
            shares
        );
    }

    /// <summary>What is left as it is told: wrong as the plan is at first, and right in the end, for a worker measures its own
    /// speed.</summary>
    private static WaitingJob Describe(SimulatedJob job, DateTimeOffset queuedAt, double left, double done)
    {
        var error = job.PlannedSeconds / job.Seconds;
        var expected = left * (1 + ((error - 1) * Math.Max(0, 1 - (10 * done))));
        return new WaitingJob(job.Id, job.Who.ProjectId, job.Who.UserId, queuedAt, "cuda")
        {
            IsShort = job.IsShort,
            CanYield = !job.IsShort,
            ExpectedSeconds = expected,
        };
    }

    private List<string> Free() => [.. slots.Except(_active.Select(work => work.Slot))];

    private void Begin(SimulatedJob job, string slot)
    {
        _waiting.RemoveAll(waiting => waiting.Job == job);
        _courses.TryAdd(job.Id, new Course(job, _came[job.Id].Came, _now, _came[job.Id].Predicted));
        _active.Add(new Work(job, slot, _now, _left[job.Id]));
    }

    private void End(Work work)
    {
        _active.Remove(work);
        Held.Add(new Held(work.Job.Who, work.From, _now));
        if (work.YieldsAt is null || work.LeftAt(_now) <= 0)
        {
            return;
        }

        _left[work.Job.Id] = work.LeftAt(_now) + ReloadSeconds;
        _waiting.Add((work.Job, _now, true));
    }

    private sealed class Work(SimulatedJob job, string slot, DateTimeOffset from, double left)
    {
        public SimulatedJob Job => job;
        public string Slot => slot;
        public DateTimeOffset From => from;
        public DateTimeOffset? YieldsAt { get; set; }
        public DateTimeOffset Ends => YieldsAt is { } yields && yields < Done ? yields : Done;

        private DateTimeOffset Done => from.AddSeconds(left);

        public double LeftAt(DateTimeOffset now) => Math.Max(0, (Done - now).TotalSeconds);

        /// <summary>Share of it that this turn has done.</summary>
        public double DoneAt(DateTimeOffset now) => Math.Clamp((now - from).TotalSeconds / left, 0, 1);
    }
}
