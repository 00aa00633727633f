using WebTrainer.Jobs.Kinds.Plan;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Tests;

[Trait("Category", "Slow")]
public sealed class PlanTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Plan_Works_LeavesNothingBehind()
    {
        await using var portal = await TestPortal.StartAsync();

        var plan = await portal.Get<Errands>().DoAsync(new PlanErrand(Guid.Empty, TestPortal.Training(steps: 7)), Ct);

        Assert.Equal(7, plan.TotalSteps);
        Assert.Empty(Directory.GetFileSystemEntries(portal.Data.Temporary));
    }

    [Fact]
    public async Task Plan_Failing_ThrowsTheWorkersSentence()
    {
        await using var portal = await TestPortal.StartAsync();

        var failed = await Assert.ThrowsAsync<JobFailedException>(() =>
            portal.Get<Errands>().DoAsync(new PlanErrand(Guid.Empty, TestPortal.Training("failing")), Ct)
        );

        Assert.Equal("The base model has no config.json.", failed.Message);
        Assert.Equal("Choose another base model.", failed.Advice);
    }

    [Fact]
    public async Task Plan_Hanging_IsGivenUp()
    {
        await using var portal = await TestPortal.StartAsync(options => options.PlanTimeout = TimeSpan.FromMilliseconds(500));

        var failed = await Assert.ThrowsAsync<JobFailedException>(() =>
            portal.Get<Errands>().DoAsync(new PlanErrand(Guid.Empty, TestPortal.Training("hanging")), Ct)
        );

        Assert.Contains("took longer", failed.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(portal.Data.Temporary));
    }

    [Fact]
    public async Task Plan_Hanging_HoldsNoOtherProjectUp()
    {
        await using var portal = await TestPortal.StartAsync(options => options.PlanTimeout = TimeSpan.FromSeconds(20));
        var errands = portal.Get<Errands>();
        var (project, other) = (Guid.NewGuid(), Guid.NewGuid());
        var hanging = errands.DoAsync(new PlanErrand(project, TestPortal.Training("hanging")), Ct);
        using var leaves = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var waiting = errands.DoAsync(new PlanErrand(project, TestPortal.Training(steps: 7)), leaves.Token);

        Assert.Equal(7, (await errands.DoAsync(new PlanErrand(other, TestPortal.Training(steps: 7)), Ct)).TotalSteps);

        Assert.False(hanging.IsCompleted);
        Assert.False(waiting.IsCompleted); // its own project's come one after the other
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAsync<JobFailedException>(() => hanging);
    }
}
