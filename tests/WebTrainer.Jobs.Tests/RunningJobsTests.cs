using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Queue;
using WebTrainer.Jobs.Watching;
using WebTrainer.Jobs.Workers;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Tests;

[Trait("Category", "Slow")]
public sealed class RunningJobsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_ToTheEnd_StoresEachEventOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        var job = await portal.EnqueueAsync(TestPortal.Training(steps: 40));

        var done = await portal.UntilAsync(job, JobState.Completed);

        Assert.Equal(40, done.Step);
        Assert.Equal(1, done.Progress);
        Assert.Null(done.Slot);
        Assert.True(done.HasCheckpoint);
        await AssertStoredOnceAsync(portal, done, steps: 40);
    }

    [Fact]
    public async Task Run_TornLines_AreReadWhenWhole()
    {
        await using var portal = await TestPortal.StartAsync(options => options.PollInterval = TimeSpan.FromMilliseconds(5));
        var job = await portal.EnqueueAsync(TestPortal.Training("torn", steps: 10));

        await AssertStoredOnceAsync(portal, await portal.UntilAsync(job, JobState.Completed), steps: 10);
    }

    [Fact]
    public async Task Kill9_InMidRun_FailsWithCauseAndAdviceWithinTwoSeconds()
    {
        await using var portal = await TestPortal.StartAsync();
        var job = await portal.EnqueueAsync(TestPortal.Training(steps: 10_000, stepMilliseconds: 5));
        var running = await portal.UntilAsync(job, j => j.HasCheckpoint);

        Kill(running.ProcessId!.Value);
        var killed = Stopwatch.StartNew();
        var failed = await portal.UntilAsync(job, JobState.Failed);

        Assert.InRange(killed.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Equal(
            "The worker process ended unexpectedly (signal 9). It was killed from outside or ran out of memory.",
            failed.FailureCause
        );
        await using var db = await portal.OpenAsync();
        var told = await db.JobEvents.Where(e => e.JobId == job.Id && e.Type == "checkpoint").OrderBy(e => e.Seq).LastAsync(Ct);
        var step = JsonDocument.Parse(told.Json).RootElement.GetProperty("step").GetInt32();
        Assert.Equal($"Resume goes on from the checkpoint at step {step}.", failed.FailureAdvice);
    }

    [Fact]
    public async Task PortalRestart_InMidRun_LosesAndDoublesNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var job = await portal.EnqueueAsync(TestPortal.Training(steps: 150, stepMilliseconds: 5));
        var before = await portal.UntilAsync(job, j => j.Step > 10);

        await portal.RestartAsync();
        var after = await portal.UntilAsync(job, j => j.Step > before.Step + 10);
        await portal.RestartAsync();
        var done = await portal.UntilAsync(job, JobState.Completed);

        Assert.Equal(before.ProcessId, after.ProcessId);
        Assert.Equal(1, done.Attempts);
        await AssertStoredOnceAsync(portal, done, steps: 150);
    }

    [Fact]
    public async Task Stop_AskedAgainAfterDispose_IsHarmless()
    {
        await using var portal = await TestPortal.StartAsync();
        var supervisor = portal.Get<WorkerSupervisor>();

        await portal.StopAsync();
        await supervisor.StopAsync(TestContext.Current.CancellationToken);
        await portal.StartAgainAsync();

        Assert.NotSame(supervisor, portal.Get<WorkerSupervisor>());
    }

    [Fact]
    public async Task RunEnds_WhilePortalIsDown_IsReadAfterwards()
    {
        await using var portal = await TestPortal.StartAsync();
        var job = await portal.EnqueueAsync(TestPortal.Training(steps: 50, stepMilliseconds: 3));
        await portal.UntilAsync(job, j => j.Step > 5);

        await portal.StopAsync();
        await Eventually.TrueAsync(() => WorkerFinder.Find(portal.FolderOf(job).Root).Count == 0);
        await portal.StartAgainAsync();

        await AssertStoredOnceAsync(portal, await portal.UntilAsync(job, JobState.Completed), steps: 50);
    }

    [Fact]
    public async Task Kill9_WhilePortalIsDown_FailsAfterwards()
    {
        await using var portal = await TestPortal.StartAsync();
        var job = await portal.EnqueueAsync(TestPortal.Training(steps: 10_000, stepMilliseconds: 5));
        var running = await portal.UntilAsync(job, j => j.Step > 5);

        await portal.StopAsync();
        Kill(running.ProcessId!.Value);
        await portal.StartAgainAsync();

        Assert.Contains("ended unexpectedly", (await portal.UntilAsync(job, JobState.Failed)).FailureCause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PortalKilled_BeforeItStartedTheWorker_StartsItAfterwards()
    {
        await using var portal = await TestPortal.StartAsync();
        await portal.StopAsync();
        await using (var db = DbOf(portal))
        {
            var job = new Job(TestPortal.Project, "train", "ada", DateTimeOffset.UtcNow);
            new RunFolders(portal.Data).Create(job.Id, TestPortal.Training());
            job.Start("cpu:0", DateTimeOffset.UtcNow);
            db.Jobs.Add(job);
            await db.SaveChangesAsync(Ct);
            await portal.StartAgainAsync();

            Assert.Equal(1, (await portal.UntilAsync(job, JobState.Completed)).Attempts);
        }
    }

    [Fact]
    public async Task ResumeFailed_GoesOnFromTheCheckpoint()
    {
        await using var portal = await TestPortal.StartAsync();
        var job = await portal.EnqueueAsync(TestPortal.Training(steps: 60, stepMilliseconds: 5));
        Kill((await portal.UntilAsync(job, j => j.HasCheckpoint)).ProcessId!.Value);
        var failed = await portal.UntilAsync(job, JobState.Failed);
        var checkpoint = int.Parse(await File.ReadAllTextAsync(Path.Combine(portal.FolderOf(job).Checkpoints, "last"), Ct));

        await portal.Control.ResumeFailedAsync(job.Id, Ct);
        var done = await portal.UntilAsync(job, JobState.Completed);

        Assert.Equal(2, done.Attempts);
        Assert.Null(done.FailureCause);
        await using var db = await portal.OpenAsync();
        var afterwards = await db
            .JobMetrics.Where(m => m.JobId == job.Id && m.Seq > failed.LastEventSeq)
            .OrderBy(m => m.Seq)
            .ToListAsync(Ct);
        Assert.Equal(checkpoint + 1, afterwards[0].Step);
        Assert.Equal(60, afterwards[^1].Step);
    }

    [Fact]
    public async Task Failure_IsExplainedByTheWorker()
    {
        await using var portal = await TestPortal.StartAsync();
        var job = await portal.EnqueueAsync(TestPortal.Training("failing"));

        var failed = await portal.UntilAsync(job, JobState.Failed);

        Assert.Equal("The loss is no number any more.", failed.FailureCause);
        Assert.Equal("Try a smaller learning rate.", failed.FailureAdvice);
    }

    [Fact]
    public async Task ExitCode_IsToldWithTheLastWords()
    {
        await using var portal = await TestPortal.StartAsync();
        var job = await portal.EnqueueAsync(TestPortal.Training("exiting", checkpointEvery: 100));

        var failed = await portal.UntilAsync(job, JobState.Failed);

        Assert.Equal("The worker process ended unexpectedly (exit code 3). Its last words: libtorch is missing", failed.FailureCause);
        Assert.Equal("It had written no checkpoint yet: start it anew.", failed.FailureAdvice);
    }

    [Fact]
    public async Task PauseAndResume_AreObeyed()
    {
        await using var portal = await TestPortal.StartAsync();
        var job = await portal.EnqueueAsync(TestPortal.Training(steps: 100, stepMilliseconds: 5));
        await portal.UntilAsync(job, j => j.Step > 3);

        await portal.Control.PauseAsync(job.Id, Ct);
        await portal.UntilAsync(job, JobState.Paused);
        await Assert.ThrowsAsync<RuleViolationException>(() => portal.Control.PauseAsync(job.Id, Ct));
        await portal.Control.ResumeAsync(job.Id, Ct);

        await AssertStoredOnceAsync(portal, await portal.UntilAsync(job, JobState.Completed), steps: 100);
    }

    [Fact]
    public async Task StopAndSave_ThenResume_DoesNotObeyTheOldStop()
    {
        await using var portal = await TestPortal.StartAsync();
        var job = await portal.EnqueueAsync(TestPortal.Training(steps: 60, stepMilliseconds: 5, checkpointEvery: 1000));
        await portal.UntilAsync(job, j => j.Step > 3);

        await portal.Control.StopAndSaveAsync(job.Id, Ct);
        Assert.True((await portal.UntilAsync(job, JobState.Stopped)).HasCheckpoint);
        await portal.Control.ResumeFailedAsync(job.Id, Ct);

        await AssertStoredOnceAsync(portal, await portal.UntilAsync(job, JobState.Completed), steps: 60);
    }

    [Fact]
    public async Task Stop_WorkerDoesNotObey_IsKilledAndStopped()
    {
        await using var portal = await TestPortal.StartAsync(options => options.ExitGrace = TimeSpan.FromMilliseconds(100));
        var job = await portal.EnqueueAsync(TestPortal.Training("deaf", steps: 10_000, stepMilliseconds: 5));
        await portal.UntilAsync(job, j => j.Step > 3);

        await portal.Control.StopAsync(job.Id, Ct);

        Assert.Null((await portal.UntilAsync(job, JobState.Stopped)).FailureCause);
        await Eventually.TrueAsync(() => WorkerFinder.Find(portal.FolderOf(job).Root).Count == 0);
    }

    [Fact]
    public async Task Worker_HasABareEnvironmentAndItsOwnSession()
    {
        Environment.SetEnvironmentVariable("WT_CANARY_SECRET", "x");
        await using var portal = await TestPortal.StartAsync();
        var job = await portal.EnqueueAsync(TestPortal.Training("environment", steps: 1000, stepMilliseconds: 5));
        var running = await portal.UntilAsync(job, j => j.Step > 0);

        await using var db = await portal.OpenAsync();
        var names = (
            await db.JobEvents.SingleAsync(e => e.JobId == job.Id && e.Type == "log" && e.Json.Contains("MALLOC_MMAP_MAX_"), Ct)
        ).Json;
        Assert.DoesNotContain("WT_CANARY_SECRET", names, StringComparison.Ordinal);
        Assert.Contains("MALLOC_MMAP_MAX_", names, StringComparison.Ordinal);
        var session = (await File.ReadAllTextAsync($"/proc/{running.ProcessId}/stat", Ct)).Split(") ")[^1].Split(' ')[3];
        Assert.Equal($"{running.ProcessId}", session);
    }

    /// <summary>What the worker alone may load lies before what the portal itself was started with.</summary>
    [Fact]
    public async Task Worker_LibrariesOfItsOwn_AreLookedInFirst()
    {
        var libraries = Path.GetTempPath();
        await using var portal = await TestPortal.StartAsync(options => options.WorkerLibraries = libraries);
        var job = await portal.EnqueueAsync(TestPortal.Training("environment", steps: 1));
        await portal.UntilAsync(job, JobState.Completed);

        await using var db = await portal.OpenAsync();
        var names = (
            await db.JobEvents.SingleAsync(e => e.JobId == job.Id && e.Type == "log" && e.Json.Contains("MALLOC_MMAP_MAX_"), Ct)
        ).Json;
        var inherited = Environment.GetEnvironmentVariable("LD_LIBRARY_PATH");
        Assert.Contains($"LD_LIBRARY_PATH={libraries}{(inherited is null ? "" : ":" + inherited)} ", names, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Meter_CountsEachEventOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        var factory = portal.Get<IMeterFactory>();
        using var listener = new MeterListener();
        var read = 0L;
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "webtrainer.jobs.events_read" && instrument.Meter.Scope == factory)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref read, count));
        listener.Start();

        var job = await portal.EnqueueAsync(TestPortal.Training());
        var done = await portal.UntilAsync(job, JobState.Completed);

        await Eventually.TrueAsync(() => Interlocked.Read(ref read) == done.LastEventSeq);
    }

    [Fact]
    public async Task Trace_LeadsFromWhoAskedToTheWorkersSteps_AlsoOverARestartOfThePortal()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is JobTraces.SourceName or "test",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var portal = await TestPortal.StartAsync();
        using var source = new ActivitySource("test");
        string trace;
        Job job;
        using (var click = source.StartActivity("click"))
        {
            trace = click!.TraceId.ToString();
            var spec = TestPortal.Training("environment", steps: 150, stepMilliseconds: 5);
            job = new Job(TestPortal.Project, "train", "ada", DateTimeOffset.UtcNow);
            await portal.Get<JobSubmission>().SubmitAsync(job, spec.ToText(), () => portal.AddAsync(job));
        }

        await portal.UntilAsync(job, j => j.Step > 10);
        await portal.RestartAsync();
        await portal.UntilAsync(job, JobState.Completed);

        await Eventually.TrueAsync(() => Own().Exists(span => span.OperationName == "job"));
        var start = Assert.Single(Own(), span => span.OperationName == "job start");
        var steps = Own().FindAll(span => span.OperationName == "worker steps");
        Assert.Equal(150, steps.Max(span => (int)span.GetTagItem("webtrainer.step.last")!));
        Assert.InRange(steps.Count, 50, 100);
        Assert.All(steps, span => Assert.Equal(start.SpanId, span.ParentSpanId));
        var told = await File.ReadAllTextAsync(portal.Get<RunFolders>().Of(job.Id).Events, Ct);
        Assert.Contains($"TRACEPARENT=00-{trace}-", told, StringComparison.Ordinal);

        List<Activity> Own() => [.. spans.Where(span => span.TraceId.ToString() == trace)];
    }

    [Theory]
    [InlineData("plain", JobState.Completed)]
    [InlineData("silent", JobState.Failed)]
    public async Task Evaluation_EndsByItsReport(string behaviour, JobState end)
    {
        await using var portal = await TestPortal.StartAsync();
        var spec = new EvaluateSpec { BaseModel = behaviour };
        var (evaluation, job) = await Evaluations.EnqueueAsync(portal, spec);

        await portal.UntilAsync(job, end);

        await using var db = await portal.OpenAsync();
        var report = (await db.Evaluations.SingleAsync(e => e.Id == evaluation.Id, Ct)).Report;
        Assert.Equal(end == JobState.Completed, report?.Contains("accuracy", StringComparison.Ordinal) ?? false);
    }

    private static Data.AppDb DbOf(TestPortal portal) =>
        new(new DbContextOptionsBuilder<Data.AppDb>().UseSqlite($"Data Source={portal.Data.Database}").Options);

    private static void Kill(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
    }

    private static async Task AssertStoredOnceAsync(TestPortal portal, Job job, int steps)
    {
        await using var db = await portal.OpenAsync();
        var metrics = await db.JobMetrics.Where(m => m.JobId == job.Id).OrderBy(m => m.Seq).ToListAsync(Ct);
        var events = await db.JobEvents.Where(e => e.JobId == job.Id).Select(e => e.Seq).ToListAsync(Ct);
        Assert.Equal(Enumerable.Range(1, steps), metrics.Select(m => m.Step));
        Assert.Equal(Enumerable.Range(1, (int)job.LastEventSeq).Select(n => (long)n), metrics.Select(m => m.Seq).Concat(events).Order());
        Assert.Equal(job.LastEventSeq, (await File.ReadAllLinesAsync(portal.FolderOf(job).Events, Ct)).Length);
    }
}
