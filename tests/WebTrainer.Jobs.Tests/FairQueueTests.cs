using CsCheck;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Sharing;

namespace WebTrainer.Jobs.Tests;

public sealed class FairQueueTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Guid[] s_projects = [.. Enumerable.Range(1, 4).Select(n => new Guid(n, 0, 0, new byte[8]))];
    private static readonly string[] s_devices = ["cpu", "cuda:0", "any"];
    private static readonly SharingOptions s_options = new();
    private static readonly FairQueue s_queue = new(s_options);

    [Fact]
    public void OfTwoWhoWait_WhoseWorkIsOnADevice_IsBehind_ThoughItCameFirst()
    {
        var (adas, bobs, bobsSecond) = (Waiting("ada", 0), Waiting("bob", 1), Waiting("bob", 2));
        var choice = s_queue.Choose(At(10, [adas, bobs, bobsSecond], [Active(Waiting("ada", 0), "cpu:2", since: 10)], ["cpu:0", "cpu:1"]));
        Assert.Equal([new Placement(bobs, "cpu:0"), new Placement(adas, "cpu:1")], choice.Placements);
    }

    [Fact]
    public void ProjectOfTwiceTheWeight_GetsTwiceTheDevices()
    {
        var waiting = Enumerable
            .Range(0, 30)
            .SelectMany(n => (WaitingJob[])[Waiting("ada", n, project: 0), Waiting("bob", n, project: 1)])
            .ToList();
        var given = new int[2];
        var (left, active) = (waiting, new List<ActiveJob>());
        for (var i = 0; i < 30; i++)
        {
            var moment = At(40, left, active, ["cpu:0"], weight: project => project == s_projects[0] ? 2 : 1);
            var next = Assert.Single(s_queue.Choose(moment).Placements).Job;
            given[Array.IndexOf(s_projects, next.ProjectId)]++;
            left = [.. left.Where(job => job != next)];
            active.Add(Active(next, $"cpu:{i + 1}"));
        }

        Assert.InRange(given[0], 19, 21);
    }

    [Fact]
    public void GpuJob_WaitsForItsOwnGpu()
    {
        var job = Waiting("ada", 0, device: "cuda:1");
        Assert.Empty(s_queue.Choose(At(1, [job], [], ["cpu:0", "cuda:0"])).Placements);
        Assert.Equal([new Placement(job, "cuda:1")], s_queue.Choose(At(1, [job], [], ["cuda:0", "cuda:1"])).Placements);
    }

    [Fact]
    public void AnyQueue_FillsSlotsOnceWithJobsThatFit()
    {
        string[] slots = ["cpu:0", "cpu:1", "cuda:0"];
        AnyJobs.Sample(jobs =>
        {
            var placed = s_queue.Choose(At(60, jobs, [], slots)).Placements;

            Assert.Equal(placed.Count, placed.Select(p => p.Slot).Distinct().Count());
            Assert.Equal(placed.Count, placed.Select(p => p.Job.Id).Distinct().Count());
            Assert.All(placed, p => Assert.True(FairQueue.Fits(p.Job.Device, p.Slot)));
            Assert.DoesNotContain(
                slots.Except(placed.Select(p => p.Slot)),
                slot => jobs.Except(placed.Select(p => p.Job)).Any(job => job.Held is null && FairQueue.Fits(job.Device, slot))
            );
        });
    }

    /// <summary>
    /// Starvation is impossible: whatever priorities, shares and lengths, a job stands before all that came later by more than the longest
    /// overtaking, so that only what was there by then can ever go before it.
    /// </summary>
    [Fact]
    public void NoJob_StandsBehindOneThatCameLater_ByMoreThanTheLongestOvertaking() =>
        Gen.Select(AnyJobs, Gen.Double[0, 1e6].Array[12], Gen.Int[0, 60 * 24 * 30])
            .Sample(
                (jobs, used, minute) =>
                {
                    var moment = At(60 * 24 * 20 + minute, jobs, [], []);
                    foreach (var (sharer, seconds) in jobs.Select(job => job.Sharer).Distinct().Zip(used))
                    {
                        moment.Shares.Charge(sharer, seconds);
                    }

                    var ranked = s_queue.Rank(moment).Select(r => r.Job).ToList();
                    for (var i = 0; i < ranked.Count; i++)
                    {
                        Assert.All(
                            ranked.Skip(i + 1),
                            behind => Assert.True(behind.QueuedAt >= ranked[i].QueuedAt - s_options.LongestOvertaking)
                        );
                    }
                }
            );

    /// <summary>A stream of newcomers that would fill the device for ever doesn't keep out who came first.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void EndlessStreamOfShortWorkOfNewcomers_LetsTheFirstJobBegin(bool ranksLow)
    {
        var first = Waiting("ada", 0) with { ExpectedSeconds = 3600, Priority = ranksLow ? JobPriority.Low : JobPriority.Normal };
        var used = new Dictionary<string, double> { ["ada"] = 1e6 };
        for (var hour = 1; ; hour++)
        {
            Assert.True(hour <= s_options.LongestOvertaking.TotalHours + 1, "It never began.");
            var newcomer = Waiting($"new-{hour}", hour * 60) with { IsShort = true, ExpectedSeconds = 3600, Priority = JobPriority.High };
            var moment = At(hour * 60, [first, newcomer], [], ["cpu:0"]);
            moment.Shares.Charge(first.Sharer, used["ada"]);
            if (s_queue.Choose(moment).Placements.Single().Job == first)
            {
                return;
            }
        }
    }

    [Fact]
    public void LeadsRank_MovesJobsOfTheOwnProjectAlone()
    {
        var (early, middle, late) = (Waiting("ada", 0, project: 0), Waiting("bob", 10, project: 1), Waiting("ada", 20, project: 0));
        Assert.Equal([early, middle, late], Order(early, middle, late));
        var raised = late with { Priority = JobPriority.High };
        Assert.Equal([raised, middle, early], Order(early, middle, raised));
        var lowered = middle with { Priority = JobPriority.High }; // alone in its project: nothing to exchange with
        Assert.Equal([early, lowered, late], Order(early, lowered, late));

        static IEnumerable<WaitingJob> Order(params WaitingJob[] jobs) => s_queue.Rank(At(60, jobs, [], [])).Select(ranked => ranked.Job);
    }

    [Fact]
    public void Ranks_NeverMoveOtherProjects() =>
        AnyJobs.Sample(jobs =>
        {
            var plain = s_queue.Rank(At(3000, jobs.ConvertAll(job => job with { Priority = JobPriority.Normal }), [], []));
            var ranked = s_queue.Rank(At(3000, jobs, [], []));
            Assert.Equal(plain.Select(r => r.Job.ProjectId), ranked.Select(r => r.Job.ProjectId));
        });

    [Fact]
    public void ShortWork_GoesFirst_AndARunGivesItsDeviceToIt_AfterItsLeastTurn()
    {
        var training = Waiting("ada", 0) with { CanYield = true, ExpectedSeconds = 36_000 };
        var other = Waiting("bob", 0) with { ExpectedSeconds = 36_000 };
        var evaluation = Waiting("eve", 60) with { IsShort = true, ExpectedSeconds = 60 };
        var active = Active(training, "cpu:0", since: 60);

        Assert.Empty(Yields(60, active, other, evaluation)); // its turn has just begun
        Assert.Equal([active], Yields(62, active, other, evaluation));
        Assert.Empty(Yields(62, active, other)); // for long work nobody yields
        Assert.Empty(Yields(62, active with { IsYielding = true }, other, evaluation)); // once is enough
        Assert.Empty(Yields(62, active with { Job = training with { CanYield = false } }, other, evaluation));
        Assert.Empty(Yields(62, active, evaluation with { Device = "cuda:0" })); // its device is no use
        Assert.Empty(Yields(62, active, evaluation with { Held = "No hours are left." }));

        var choice = s_queue.Choose(
            At(62, [other, evaluation, training with { GoesOn = true, QueuedAt = s_start.AddMinutes(62) }], [], ["cpu:0"])
        );
        Assert.Equal(evaluation, Assert.Single(choice.Placements).Job);
        var after = s_queue.Choose(At(63, [other, training with { GoesOn = true, QueuedAt = s_start.AddMinutes(62) }], [], ["cpu:0"]));
        Assert.True(Assert.Single(after.Placements).Job.GoesOn);
    }

    [Fact]
    public void LongJob_ThatWaitedLongerThanShortWorkIsWorth_IsNotPassed_SoNobodyYields()
    {
        var training = Waiting("ada", 0) with { CanYield = true };
        var old = Waiting("bob", 0);
        var minutes = (int)((s_options.ShortWorkHours + s_options.FairShareHours) * 60) + 60;
        var evaluation = Waiting("eve", minutes) with { IsShort = true };
        Assert.Empty(Yields(minutes + 5, Active(training, "cpu:0"), old, evaluation));
    }

    [Fact]
    public void HeldJob_GetsNothing_AndHoldsUpNobody()
    {
        var (held, other) = (Waiting("ada", 0) with { Held = "No hours are left." }, Waiting("bob", 1));
        Assert.Equal(other, Assert.Single(s_queue.Choose(At(2, [held, other], [], ["cpu:0", "cpu:1"])).Placements).Job);
    }

    private static IEnumerable<ActiveJob> Yields(int minute, ActiveJob active, params WaitingJob[] waiting) =>
        s_queue.Choose(At(minute, waiting, [active], [])).Yields;

    private static Gen<List<WaitingJob>> AnyJobs =>
        Gen.Select(
                Gen.Int[0, 3],
                Gen.Int[0, 60 * 24 * 20],
                Gen.Int[0, 2].Select(i => s_devices[i]),
                Gen.Enum<JobPriority>(),
                Gen.Bool,
                Gen.Bool,
                Gen.Int[0, 9]
            )
            .List[0, 15]
            .Select(list =>
                list.ConvertAll(job =>
                    Waiting($"user{job.Item1}", job.Item2, job.Item3, job.Item1) with
                    {
                        Priority = job.Item4,
                        IsShort = job.Item5,
                        GoesOn = job.Item6 && !job.Item5,
                        Held = job.Item7 == 0 ? "No hours are left." : null,
                    }
                )
            );

    internal static WaitingJob Waiting(string creator, int minute, string device = "cpu", int project = 0) =>
        new(Guid.CreateVersion7(), s_projects[project], creator, s_start.AddMinutes(minute), device);

    internal static ActiveJob Active(WaitingJob job, string slot, int since = 0) => new(slot, s_start.AddMinutes(since), job);

    internal static QueueMoment At(
        int minute,
        IReadOnlyList<WaitingJob> waiting,
        IReadOnlyList<ActiveJob> active,
        IReadOnlyList<string> free,
        Func<Guid, double>? weight = null
    ) => new(s_start.AddMinutes(minute), waiting, active, free, new FairShare(weight ?? (_ => 1), _ => 1));
}
