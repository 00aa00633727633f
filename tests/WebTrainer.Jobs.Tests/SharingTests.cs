using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Queue;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Tests;

/// <summary>The queue with real worker processes: runs give their device to short work, hours are counted, quotas hold.</summary>
[Trait("Category", "Slow")]
public sealed class SharingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Evaluation_BeginsWhileATrainingRuns_WhichGoesOnAtTheStepWhereItWas()
    {
        await using var portal = await TestPortal.StartAsync(share: sharing =>
            (sharing.LeastTurn, sharing.ShortWork) = (TimeSpan.Zero, TimeSpan.Zero)
        );
        var training = await portal.EnqueueAsync(TestPortal.Training(steps: 1000, stepMilliseconds: 5, checkpointEvery: 10_000));
        await portal.UntilAsync(training, job => job.Step > 3);

        var (_, evaluation) = await Evaluations.EnqueueAsync(portal, new EvaluateSpec { BaseModel = "base" });
        await portal.UntilAsync(evaluation, JobState.Completed);
        var done = await portal.UntilAsync(training, JobState.Completed);

        Assert.Equal(2, done.Attempts);
        await using var db = await portal.OpenAsync();
        var steps = await db.JobMetrics.Where(m => m.JobId == training.Id).OrderBy(m => m.Seq).Select(m => m.Step).ToListAsync(Ct);
        Assert.Equal(Enumerable.Range(1, 1000), steps);
        var uses = await db.DeviceUses.OrderBy(use => use.From).ToListAsync(Ct);
        Assert.Equal([training.Id, evaluation.Id, training.Id], uses.Select(use => use.JobId));
        Assert.True(uses[0].Until <= uses[1].From && uses[1].Until <= uses[2].From);
        Assert.All(uses, use => Assert.Equal("cpu:0", use.Slot));
    }

    [Fact]
    public async Task YieldingRun_ThatSomebodyStopsMeanwhile_IsStopped()
    {
        await using var portal = await TestPortal.StartAsync();
        var training = await portal.EnqueueAsync(TestPortal.Training(steps: 10_000, stepMilliseconds: 5));
        await portal.UntilAsync(training, job => job.Step > 3);

        var folder = portal.FolderOf(training);
        ControlWriter.Append(folder, ControlAction.Yield, DateTimeOffset.UtcNow);
        ControlWriter.Append(folder, ControlAction.Stop, DateTimeOffset.UtcNow);

        Assert.Equal(1, (await portal.UntilAsync(training, JobState.Stopped)).Attempts);
    }

    [Fact]
    public async Task ProjectThatHasUsedItsHours_Waits_AndTheOutlookSaysWhy_UntilTheyAreRaised()
    {
        await using var portal = await TestPortal.StartAsync();
        var project = await ProjectAsync(portal, hours: 0);
        var job = new Job(project.Id, "train", "ada", DateTimeOffset.UtcNow);
        portal.Get<RunFolders>().Create(job.Id, TestPortal.Training());
        await portal.AddAsync(job);
        portal.Get<JobQueue>().Enqueued(job);
        var other = await portal.EnqueueAsync(TestPortal.Training());
        await portal.UntilAsync(other, JobState.Completed);

        var entry = Assert.Single(await portal.Get<QueueOutlook>().ReadAsync(Ct));
        Assert.True(entry.IsHeld);
        Assert.Null(entry.StartsAt);
        Assert.StartsWith("The project has used its 0 device hours of this month", entry.Because, StringComparison.Ordinal);

        await using (var db = await portal.OpenAsync())
        {
            (await db.Projects.SingleAsync(p => p.Id == project.Id, Ct)).SetShare(1, 1);
            await db.SaveChangesAsync(Ct);
        }

        await portal.UntilAsync(job, JobState.Completed);
    }

    [Fact]
    public async Task WaitingJobs_HaveATime_FromTheWorkersWordAndFromJobsOfTheirKind()
    {
        await using var portal = await TestPortal.StartAsync(share: sharing => sharing.RunsYield = false);
        await portal.UntilAsync(await portal.EnqueueAsync(TestPortal.Training(steps: 40, stepMilliseconds: 5)), JobState.Completed);
        var running = await portal.EnqueueAsync(TestPortal.Training(steps: 10_000, stepMilliseconds: 5));
        await portal.UntilAsync(running, job => job.SecondsLeft is not null); // the fake worker says a second for each step
        var first = await portal.EnqueueAsync(TestPortal.Training(), "bob");
        var second = await portal.EnqueueAsync(TestPortal.Training(), "bob");

        var entries = await portal.Get<QueueOutlook>().ReadAsync(Ct);

        Assert.Equal([first.Id, second.Id], entries.Select(entry => entry.Job.Id));
        Assert.Equal(["next in line", "second in line"], entries.Select(entry => entry.PlaceInWords));
        Assert.All(entries, entry => Assert.False(entry.IsRough));
        var hours = (entries[0].StartsAt!.Value - DateTimeOffset.UtcNow).TotalHours;
        Assert.InRange(hours, 2, 2.78); // 10,000 s, less what is done
        Assert.True(entries[1].StartsAt > entries[0].StartsAt);
        await portal.Control.StopAsync(running.Id, Ct);
    }

    private static async Task<Project> ProjectAsync(TestPortal portal, double hours)
    {
        var project = new Project("Project", "", "ada", DateTimeOffset.UtcNow);
        project.Members.Clear();
        project.SetShare(1, hours);
        await using var db = await portal.OpenAsync();
        db.Projects.Add(project);
        await db.SaveChangesAsync(Ct);
        return project;
    }
}
