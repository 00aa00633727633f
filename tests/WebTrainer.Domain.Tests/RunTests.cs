using WebTrainer.Domain.Runs;

namespace WebTrainer.Domain.Tests;

public sealed class RunTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    private static Run Submitted() => new(Guid.NewGuid(), 1, "first", Guid.NewGuid(), "base", "{}", "hash", "ada", s_now, Guid.NewGuid());

    [Fact]
    public void Approve_BySubmitter_IsRefused()
    {
        var run = Submitted();
        Assert.Throws<RuleViolationException>(() => run.Approve("ada", "hash", s_now));
        Assert.Equal(ApprovalState.Submitted, run.Approval);
    }

    [Fact]
    public void ApproveLike_IsOfARunOnTheSameRowsThatSomebodyElseApproved()
    {
        var (project, rows) = (Guid.NewGuid(), Guid.NewGuid());
        Run On(Guid version, string by = "ada") => new(project, 1, "run", version, "base", "{}", "hash", by, s_now, Guid.NewGuid());
        var before = On(rows);
        Assert.Throws<RuleViolationException>(() => On(rows).ApproveLike(before, s_now)); // nobody approved it
        before.Approve("bo", "hash", s_now);
        var run = On(rows);
        Assert.NotNull(run.ApproveLike(before, s_now));
        Assert.Equal((before.Id, "bo", ApprovalState.Approved), (run.LikeRunId, run.DecidedBy, run.Approval));
        Assert.Throws<RuleViolationException>(() => run.ApproveLike(before, s_now)); // decided
        Assert.Throws<RuleViolationException>(() => On(rows).ApproveLike(run, s_now)); // that was no person's approval
        Assert.Throws<RuleViolationException>(() => On(Guid.NewGuid()).ApproveLike(before, s_now)); // other rows
        Assert.Throws<RuleViolationException>(() => On(rows, by: "bo").ApproveLike(before, s_now)); // the approver's own
    }

    [Fact]
    public void Approve_OtherSettingsThanSeen_IsRefused()
    {
        var run = Submitted();
        Assert.Throws<RuleViolationException>(() => run.Approve("bo", "another hash", s_now));
        Assert.Null(run.Job);
    }

    [Fact]
    public void Approve_ByAnother_MakesAQueuedJob()
    {
        var run = Submitted();
        var job = run.Approve("bo", "hash", s_now);
        Assert.Equal((JobState.Queued, run.JobId), (job.State, (Guid?)job.Id));
        Assert.Throws<RuleViolationException>(() => run.Approve("cy", "hash", s_now));
    }

    [Fact]
    public void Reject_WithoutReason_IsRefused() => Assert.Throws<RuleViolationException>(() => Submitted().Reject("bo", "  ", s_now));

    [Fact]
    public void Job_EventAfterItsEnd_ChangesNothing()
    {
        var job = new Job(Guid.NewGuid(), "train", "ada", s_now);
        job.Start("cpu:0", s_now);
        job.End(JobState.Failed, s_now);
        job.WorkerIs(JobState.Running);
        Assert.Equal(JobState.Failed, job.State);
        Assert.Null(job.Slot);
    }

    [Fact]
    public void Job_Resume_OnlyAfterFailureOrStopWithCheckpoint()
    {
        var stopped = new Job(Guid.NewGuid(), "train", "ada", s_now);
        stopped.Start("cpu:0", s_now);
        stopped.End(JobState.Stopped, s_now);
        Assert.Throws<RuleViolationException>(() => stopped.Resume(s_now));
        stopped.CheckpointWritten();
        stopped.Resume(s_now);
        Assert.Equal(JobState.Queued, stopped.State);
    }
}
