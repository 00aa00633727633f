using WebTrainer.Jobs.Sharing;
using static WebTrainer.Jobs.Tests.FairQueueTests;

namespace WebTrainer.Jobs.Tests;

public sealed class QueueForecastTests
{
    private static readonly FairQueue s_queue = new(new SharingOptions());

    [Fact]
    public void Starts_AreWhereWorkEnds_OneBehindTheOther()
    {
        var active = Active(Waiting("ada", 0) with { ExpectedSeconds = 600 }, "cpu:0");
        var first = Waiting("bob", 1) with { ExpectedSeconds = 1200 };
        var second = Waiting("eve", 2) with { ExpectedSeconds = 60 };
        var moment = At(10, [second, first], [active], []);

        var starts = Of(moment);

        Assert.Equal(moment.Now.AddSeconds(600), starts[first.Id].StartsAt);
        Assert.Equal(moment.Now.AddSeconds(1800), starts[second.Id].StartsAt);
        Assert.False(starts[second.Id].IsRough);
    }

    [Fact]
    public void Start_BehindWorkOfUnknownLength_IsRough()
    {
        var waiting = Waiting("bob", 1) with { ExpectedSeconds = 10 };
        Assert.True(Of(At(10, [waiting], [Active(Waiting("ada", 0), "cpu:0")], []))[waiting.Id].IsRough);
    }

    [Fact]
    public void ShortWork_StartsAsSoonAsARunMayYield_AndTheRunsEndMovesBehindIt()
    {
        var training = Active(Waiting("ada", 0) with { ExpectedSeconds = 7200, CanYield = true }, "cpu:0", since: 10);
        var evaluation = Waiting("bob", 10) with { IsShort = true, ExpectedSeconds = 100 };
        var next = Waiting("eve", 0) with { ExpectedSeconds = 50 };
        var moment = At(10, [evaluation, next], [training], []);

        var starts = new QueueForecast(s_queue, handover: 5).Of(moment);

        Assert.Equal(moment.Now.AddSeconds(60 + 5), starts[evaluation.Id].StartsAt); // its least turn, then the step it is at
        Assert.Equal(moment.Now.AddSeconds(7200 + 5 + 100), starts[next.Id].StartsAt); // the run goes on first, with what it had left
    }

    [Fact]
    public void HeldJob_AndOneWithoutADevice_HaveNoTime()
    {
        var held = Waiting("ada", 0) with { Held = "No hours are left." };
        var elsewhere = Waiting("bob", 0, device: "cuda:0");
        var starts = Of(At(10, [held, elsewhere], [], ["cpu:0"]));
        Assert.All([held.Id, elsewhere.Id], id => Assert.Null(starts[id].StartsAt));
    }

    [Fact]
    public void Forecast_LeavesTheMomentAsItWas()
    {
        var waiting = Waiting("bob", 1) with { ExpectedSeconds = 10 };
        var active = Active(Waiting("ada", 0) with { ExpectedSeconds = 600 }, "cpu:0");
        var moment = At(10, [waiting], [active], []);
        Of(moment);
        Assert.Equal(1, moment.Shares.Among([active.Job.Sharer]).FactorOf(active.Job.Sharer));
    }

    [Fact]
    public void WhoComesAsOnTheDaysBefore_AndGoesFirst_MovesTheTime_ByTheMiddleOneOfTheDays()
    {
        var active = Active(Waiting("ada", 0) with { ExpectedSeconds = 600 }, "cpu:0");
        var waiting = Waiting("bob", 1) with { ExpectedSeconds = 100 };
        var moment = At(10, [waiting], [active], []);
        IReadOnlyList<ComingJob> Day(params double[] seconds) =>
            [
                .. seconds.Select(s => new ComingJob(
                    TimeSpan.FromSeconds(60),
                    Waiting("eve", 0) with
                    {
                        IsShort = true,
                        ExpectedSeconds = s,
                    }
                )),
            ];

        Assert.Equal(moment.Now.AddSeconds(900), new QueueForecast(s_queue).Of(moment, Day(300))[waiting.Id].StartsAt);
        Assert.Equal(
            moment.Now.AddSeconds(900),
            new QueueForecast(s_queue).Of(moment, Day(), Day(100, 200), Day(400))[waiting.Id].StartsAt
        );
    }

    private static IReadOnlyDictionary<Guid, ExpectedStart> Of(QueueMoment moment) => new QueueForecast(s_queue).Of(moment);
}
