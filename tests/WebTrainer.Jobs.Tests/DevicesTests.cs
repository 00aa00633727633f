using Microsoft.Extensions.Options;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Kinds.Plan;
using WebTrainer.Jobs.Queue;
using WebTrainer.Jobs.Serving;
using WebTrainer.Jobs.Sharing;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Tests;

/// <summary>Declared GPUs and the fake worker: who gets which device, and what is said where there is none.</summary>
[Trait("Category", "Slow")]
public sealed class DevicesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("any", "cuda:0")]
    [InlineData("cpu", "cpu:0")]
    [InlineData("cuda", "cuda:0")]
    [InlineData("cuda:1", "cuda:1")]
    public void Place_GivesTheBestThatTheJobMayHave(string device, string slot) =>
        Assert.Equal(slot, Place(device, "cpu:0", "cuda:0", "cuda:1").Single().Slot);

    [Fact]
    public void Place_AnyDevice_TakesTheCpuWhereNoGpuIsFree() => Assert.Equal("cpu:0", Place("any", "cpu:0").Single().Slot);

    [Fact]
    public void Place_AnyGpu_WaitsWhereOnlyTheCpuIsFree() => Assert.Empty(Place("cuda", "cpu:0"));

    [Theory]
    [InlineData(1, 0, "any cpu")]
    [InlineData(1, 1, "any cuda:0 cpu")]
    [InlineData(0, 2, "any cuda cuda:0 cuda:1")]
    public void Choices_AreWhatTheServerHas(int cpu, int cuda, string names)
    {
        var devices = new Devices(new Slots(Options.Create(new JobsOptions { CpuSlots = cpu, CudaSlots = cuda })));
        Assert.Equal(names.Split(' '), devices.Choices.Select(choice => choice.Name));
        Assert.All(devices.Choices, choice => Assert.True(devices.Has(choice.Name)));
        Assert.All((string[])["cuda:7", "tpu", "", "cuda:x", "CPU"], other => Assert.False(devices.Has(other)));
    }

    /// <summary>Else a job that can't begin yet would be tried without a pause.</summary>
    [Fact]
    public void SlotThatWasHeldForAJob_WakesTheQueueNoMore_AndIsFreeAgain()
    {
        using var queue = new JobQueue(null!);
        var loans = new DeviceLoans(new Slots(Options.Create(new JobsOptions())), null!, queue);
        using (var held = loans.TryHold("cpu:0"))
        {
            Assert.NotNull(held);
            Assert.Null(loans.TryHold("cpu:0"));
        }

        Assert.False(queue.IsAwake);
        Assert.Empty(loans.Lent);
    }

    [Fact]
    public async Task ThreeJobs_OnTwoGpusAndACpu_AreAtWorkAtOnce_GpusFirst()
    {
        await using var portal = await TestPortal.StartAsync(options => (options.CpuSlots, options.CudaSlots) = (1, 2));
        var jobs = new List<Job>();
        foreach (var person in (string[])["ada", "bob", "cy"])
        {
            jobs.Add(await portal.EnqueueAsync(TestPortal.Training(steps: 10_000, stepMilliseconds: 5), person));
            await portal.UntilAsync(jobs[^1], JobState.Running);
        }

        Assert.Equal(["cuda:0", "cuda:1", "cpu:0"], await Task.WhenAll(jobs.Select(async job => (await portal.ReadAsync(job)).Slot!)));
        Assert.Equal(["cuda:0", "cuda:1", "cpu"], jobs.Select(job => DeviceOf(portal, job)));
    }

    [Fact]
    public async Task ServerWithGpusAlone_RunsWhatAsksForNoDevice()
    {
        await using var portal = await TestPortal.StartAsync(options => (options.CpuSlots, options.CudaSlots) = (0, 1));
        var job = await portal.EnqueueAsync(TestPortal.Training());
        await portal.UntilAsync(job, JobState.Completed);
        Assert.Equal("cuda:0", DeviceOf(portal, job));
    }

    [Fact]
    public async Task DeviceThatTheServerHasNot_FailsBySentence()
    {
        await using var portal = await TestPortal.StartAsync(options => options.CudaSlots = 1);
        var job = await portal.UntilAsync(await portal.EnqueueAsync(TestPortal.Training() with { Device = "cuda:5" }), JobState.Failed);
        Assert.Equal("This server has no slot for the device 'cuda:5'.", job.FailureCause);
    }

    [Fact]
    public async Task Plan_IsMeasuredOnAFreeGpu_OnTheCpuBesideItsWork_AndRefusedWhereItMustBeThatGpu()
    {
        await using var portal = await TestPortal.StartAsync(options => options.CudaSlots = 1);
        var errands = portal.Get<Errands>();
        Assert.Equal("cuda:0", (await errands.DoAsync(new PlanErrand(TestPortal.Project, TestPortal.Training()), Ct)).Device);
        var job = await portal.EnqueueAsync(TestPortal.Training(steps: 10_000, stepMilliseconds: 5));
        await portal.UntilAsync(job, JobState.Running);
        Assert.Equal("cpu", (await errands.DoAsync(new PlanErrand(TestPortal.Project, TestPortal.Training()), Ct)).Device);
        var refusal = await Assert.ThrowsAsync<JobFailedException>(() =>
            errands.DoAsync(new PlanErrand(TestPortal.Project, TestPortal.Training() with { Device = "cuda:0" }), Ct)
        );
        Assert.Contains("GPU 0 is at work", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ModelThatAnswersNobody_GivesItsGpuToAJobThatWaits()
    {
        await using var portal = await TestPortal.StartAsync(options => (options.CpuSlots, options.CudaSlots) = (0, 1));
        var pool = portal.Get<ServingPool>();
        await foreach (
            var _ in pool.GenerateAsync(new("base"), [], new GenerateRequest("1", "base", Prompt: "Hello") { MaxNewTokens = 2 }, Ct)
        ) { }

        Assert.True(pool.Serves("base"));
        Assert.Equal(["cuda:0"], portal.Get<DeviceLoans>().Lent);
        var job = await portal.EnqueueAsync(TestPortal.Training());
        await portal.UntilAsync(job, JobState.Completed);
        Assert.False(pool.Serves("base"));
    }

    private static string? DeviceOf(TestPortal portal, Job job) =>
        new EventReader(portal.FolderOf(job).Events)
            .Read()
            .Events.OfType<LogEvent>()
            .Select(log => log.Message)
            .FirstOrDefault(text => text.StartsWith("Runs on ", StringComparison.Ordinal))
            ?["Runs on ".Length..];

    private static IReadOnlyList<Placement> Place(string device, params string[] free) =>
        new FairQueue(new SharingOptions()).Choose(FairQueueTests.At(1, [FairQueueTests.Waiting("ada", 0, device)], [], free)).Placements;
}
