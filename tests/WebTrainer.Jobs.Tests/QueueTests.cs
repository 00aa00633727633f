using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Workers;

namespace WebTrainer.Jobs.Tests;

[Trait("Category", "Slow")]
public sealed class QueueTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TwoSlots_OneForEachPerson_ThirdWaits()
    {
        await using var portal = await TestPortal.StartAsync(options => options.CpuSlots = 2);
        var first = await portal.EnqueueAsync(TestPortal.Training(steps: 10_000, stepMilliseconds: 5));
        await portal.UntilAsync(first, JobState.Running);
        await portal.StopAsync();
        await portal.StartAgainAsync(); // The slot of a worker that was found again is taken too.
        var blocked = await portal.EnqueueAsync(TestPortal.Training(steps: 10_000, stepMilliseconds: 5), "eve");
        await portal.UntilAsync(blocked, JobState.Running);
        var adasSecond = await portal.EnqueueAsync(TestPortal.Training());
        var bobs = await portal.EnqueueAsync(TestPortal.Training(), "bob");

        Assert.Equal(
            ["cpu:0", "cpu:1"],
            ((string?[])[(await portal.ReadAsync(first)).Slot, (await portal.ReadAsync(blocked)).Slot]).Order()
        );
        Assert.Equal(JobState.Queued, (await portal.ReadAsync(adasSecond)).State);
        await portal.Control.StopAsync(blocked.Id, Ct);
        var late = await portal.UntilAsync(adasSecond, JobState.Completed);
        var early = await portal.UntilAsync(bobs, JobState.Completed);

        Assert.True(early.StartedAt < late.StartedAt);
        Assert.Equal(JobState.Running, (await portal.ReadAsync(first)).State);
    }

    [Fact]
    public async Task StopQueued_NeverStarts()
    {
        await using var portal = await TestPortal.StartAsync();
        var first = await portal.EnqueueAsync(TestPortal.Training(steps: 10_000, stepMilliseconds: 5));
        await portal.UntilAsync(first, JobState.Running);
        var waiting = await portal.EnqueueAsync(TestPortal.Training());

        await portal.Control.StopAsync(waiting.Id, Ct);
        await portal.Control.StopAsync(first.Id, Ct);
        await portal.UntilAsync(first, JobState.Stopped);

        var stopped = await portal.ReadAsync(waiting);
        Assert.Equal((JobState.Stopped, 0), (stopped.State, stopped.Attempts));
    }

    [Fact]
    public async Task LingeringWorker_KeepsItsSlotUntilItIsKilled()
    {
        await using var portal = await TestPortal.StartAsync(options => options.ExitGrace = TimeSpan.FromMilliseconds(300));
        var lingering = await portal.EnqueueAsync(TestPortal.Training("lingering"));
        var next = await portal.EnqueueAsync(TestPortal.Training(steps: 10_000, stepMilliseconds: 5));

        await portal.UntilAsync(lingering, JobState.Completed);
        await portal.UntilAsync(next, JobState.Running);

        Assert.Empty(WorkerFinder.Find(portal.FolderOf(lingering).Root));
    }

    [Fact]
    public async Task DeviceWithoutSlot_FailsWithCause()
    {
        await using var portal = await TestPortal.StartAsync();
        var job = await portal.EnqueueAsync(TestPortal.Training() with { Device = "cuda:3" });

        Assert.Equal("This server has no slot for the device 'cuda:3'.", (await portal.UntilAsync(job, JobState.Failed)).FailureCause);
    }

    [Fact]
    public async Task SpecThatTheDiskDoesNotGive_Waits_AndStartsWhenItDoes()
    {
        await using var portal = await TestPortal.StartAsync();
        var first = await portal.EnqueueAsync(TestPortal.Training(steps: 10_000, stepMilliseconds: 5));
        await portal.UntilAsync(first, JobState.Running);
        var job = await portal.EnqueueAsync(TestPortal.Training());
        await portal.StopAsync(); // what it has read of the spec is forgotten
        var spec = portal.FolderOf(job).Spec;
        File.Move(spec, spec + ".kept");
        Directory.CreateDirectory(spec); // reading gives an error that isn't its absence
        await portal.StartAgainAsync();
        await portal.Control.StopAsync(first.Id, Ct);
        var other = await portal.EnqueueAsync(TestPortal.Training(), "bob");
        await portal.UntilAsync(other, JobState.Completed);
        Assert.Equal(JobState.Queued, (await portal.ReadAsync(job)).State);

        Directory.Delete(spec);
        File.Move(spec + ".kept", spec);
        await portal.EnqueueAsync(TestPortal.Training(), "bob"); // so that the queue is looked at now
        await portal.UntilAsync(job, JobState.Completed);
    }

    [Theory]
    [InlineData(false, JobState.Completed)]
    [InlineData(true, JobState.Failed)]
    public async Task SpecThatWasChangedAfterItsApproval_IsNotStarted(bool changed, JobState end)
    {
        await using var portal = await TestPortal.StartAsync();
        var blocking = await portal.EnqueueAsync(TestPortal.Training(steps: 10_000, stepMilliseconds: 5));
        await portal.UntilAsync(blocking, JobState.Running);
        var job = await portal.EnqueueApprovedAsync(TestPortal.Training());
        if (changed)
        {
            var spec = portal.FolderOf(job).Spec;
            var text = await File.ReadAllTextAsync(spec, Ct);
            // Whole at once: the queue reads which device it asks for while it waits.
            await File.WriteAllTextAsync(
                spec + ".changed",
                text.Replace("\"maxSteps\": 20", "\"maxSteps\": 21", StringComparison.Ordinal),
                Ct
            );
            File.Move(spec + ".changed", spec, overwrite: true);
        }

        await portal.Control.StopAsync(blocking.Id, Ct);
        var ended = await portal.UntilAsync(job, end);
        Assert.Equal(changed, ended.FailureCause?.Contains("not those that were approved", StringComparison.Ordinal) == true);
        Assert.Equal(changed ? 0 : 1, ended.Attempts);
    }

    [Fact]
    public async Task JobWhoseFolderIsGone_Fails_AndTheOthersAreStarted()
    {
        await using var portal = await TestPortal.StartAsync();
        await portal.StopAsync();
        await portal.AddWithoutFolderAsync(JobState.Queued);
        await portal.AddWithoutFolderAsync(JobState.Starting);
        await portal.AddWithoutFolderAsync(JobState.Running);
        await portal.StartAgainAsync();
        Assert.Equal(
            JobState.Completed,
            (await portal.UntilAsync(await portal.EnqueueAsync(TestPortal.Training()), JobState.Completed)).State
        );
        foreach (var job in await portal.AllAsync())
        {
            await portal.UntilAsync(job, j => j.HasEnded);
        }
    }
}
