using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Feed;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Tests;

[Trait("Category", "Slow")]
public sealed class LiveFeedTests
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(20);

    private static readonly Guid s_otherProject = Guid.NewGuid();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Watch_Burst_AllPointsAreSeenOnceAndInOrder()
    {
        await using var portal = await TestPortal.StartAsync();
        var job = await portal.EnqueueAsync(TestPortal.Training(steps: 2000, stepMilliseconds: 0, checkpointEvery: 100));

        var steps = await WatchToEndAsync(portal, job);

        Assert.Equal(Enumerable.Range(1, 2000), steps);
        Assert.Equal(0, portal.Feed.SubscriberCount);
    }

    [Fact]
    public async Task Watch_JoinedLate_SnapshotHasWhatWasMissed()
    {
        await using var portal = await TestPortal.StartAsync();
        var job = await portal.EnqueueAsync(TestPortal.Training(steps: 100, stepMilliseconds: 3));
        await portal.UntilAsync(job, j => j.Step > 30);

        Assert.Equal(Enumerable.Range(1, 100), await WatchToEndAsync(portal, job));
    }

    [Fact]
    public async Task Watch_SlowViewer_OverflowLosesNoPoint()
    {
        await using var portal = await TestPortal.StartAsync();
        var job = await AddStartedAsync(portal);
        await using var updates = portal.Feed.WatchAsync(job.Id, TimeSpan.FromMilliseconds(1), Ct).GetAsyncEnumerator(Ct);
        Assert.True(await updates.MoveNextAsync());
        Assert.Empty(updates.Current.Metrics);

        for (var seq = 1; seq <= 200; seq++) // One update each: far more than the viewer's inbox holds.
        {
            await portal.Store.StoreAsync(job.Id, [Step(seq)], Ct);
        }

        var seen = new List<int>();
        while (seen.Count < 200 && await updates.MoveNextAsync())
        {
            seen.AddRange(updates.Current.Metrics.Select(m => m.Step));
        }

        Assert.Equal(Enumerable.Range(1, 200), seen);
    }

    [Fact]
    public async Task Watch_Cancelled_SubscriberCountReturnsToZero()
    {
        await using var portal = await TestPortal.StartAsync();
        var job = await AddStartedAsync(portal);
        using var leaving = new CancellationTokenSource();
        var updates = portal.Feed.WatchAsync(job.Id, s_interval, leaving.Token).GetAsyncEnumerator(Ct);
        var lists = portal.Feed.WatchAllAsync(null, s_interval, leaving.Token).GetAsyncEnumerator(Ct);
        Assert.True(await updates.MoveNextAsync() && await lists.MoveNextAsync());
        Assert.Equal(2, portal.Feed.SubscriberCount);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await updates.MoveNextAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await lists.MoveNextAsync());
        Assert.Equal(0, portal.Feed.SubscriberCount);
    }

    [Fact]
    public async Task Watch_NoSuchJob_IsEmpty()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var updates = portal.Feed.WatchAsync(Guid.NewGuid(), s_interval, Ct).GetAsyncEnumerator(Ct);

        Assert.False(await updates.MoveNextAsync());
    }

    [Fact]
    public async Task WatchAll_TicksForOwnProjectOnly()
    {
        await using var portal = await TestPortal.StartAsync();
        var job = await AddStartedAsync(portal);
        await using var own = portal.Feed.WatchAllAsync(TestPortal.Project, s_interval, Ct).GetAsyncEnumerator(Ct);
        await using var other = portal.Feed.WatchAllAsync(s_otherProject, s_interval, Ct).GetAsyncEnumerator(Ct);
        Assert.True(await own.MoveNextAsync() && await other.MoveNextAsync());
        var otherTick = other.MoveNextAsync().AsTask();

        await portal.Store.StoreAsync(job.Id, [Step(1)], Ct);

        Assert.True(await own.MoveNextAsync());
        Assert.False(otherTick.IsCompleted);
        portal.Feed.Publish(new JobUpdate(new Job(s_otherProject, "train", "ada", DateTimeOffset.UtcNow), [], []));
        Assert.True(await otherTick);
    }

    [Fact]
    public async Task Store_LongRun_IsThinned()
    {
        await using var portal = await TestPortal.StartAsync(options => options.MaxMetricPoints = 100);
        var job = await AddStartedAsync(portal);

        await portal.Store.StoreAsync(job.Id, [.. Enumerable.Range(1, 1000).Select(seq => Step(seq, total: 1000))], Ct);

        await using var updates = portal.Feed.WatchAsync(job.Id, s_interval, Ct).GetAsyncEnumerator(Ct);
        Assert.True(await updates.MoveNextAsync());
        var steps = updates.Current.Metrics.Select(m => m.Step).ToList();
        Assert.InRange(steps.Count, 40, 100);
        Assert.Equal((1, 1000), (steps[0], steps[^1]));
        Assert.Equal((1000, 1000L), (updates.Current.Job.Step, updates.Current.Job.LastEventSeq));
    }

    private static StepEvent Step(int seq, int total = 200) => new(seq, total, 0.5, 1, 1e-3, 1, seq, 10, 10, 1) { Seq = seq };

    /// <summary>A job at work whose events the test itself stores; its slot is none of this portal's.</summary>
    private static async Task<Job> AddStartedAsync(TestPortal portal)
    {
        var job = new Job(TestPortal.Project, "train", "ada", DateTimeOffset.UtcNow);
        job.Start("test:0", DateTimeOffset.UtcNow);
        job.ProcessStarted(1);
        await using var db = await portal.OpenAsync();
        db.Jobs.Add(job);
        await db.SaveChangesAsync(Ct);
        return job;
    }

    private static async Task<List<int>> WatchToEndAsync(TestPortal portal, Job job)
    {
        var steps = new List<int>();
        await foreach (var update in portal.Feed.WatchAsync(job.Id, s_interval, Ct))
        {
            steps.AddRange(update.Metrics.Select(m => m.Step));
            if (update.Job.HasEnded)
            {
                break;
            }
        }

        return steps;
    }
}
