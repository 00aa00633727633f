using WebTrainer.Domain.Deployments;

namespace WebTrainer.Domain.Tests;

/// <summary>An endpoint's states, and who may move it from one to the next.</summary>
public sealed class DeploymentTests
{
    private static readonly DateTimeOffset s_now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly Deployment _deployment = new(Guid.NewGuid(), "support-intents", "", "eli", s_now);

    private DeploymentVersion Draft(string hash = "a") =>
        new(_deployment.Id, _deployment.TakeNumber(), null, "tiny", $"{{{hash}}}", hash, "eli", s_now);

    private DeploymentVersion Approved(string hash = "a")
    {
        var version = Draft(hash);
        version.NoteCheck(hash, "{}", passed: true, s_now);
        version.Approve("lea", hash, needsReason: false, null, s_now);
        return version;
    }

    private static string Refusal(Action act) => Assert.Throws<RuleViolationException>(act).Message;

    [Theory]
    [InlineData("support-intents", true)]
    [InlineData("a1", true)]
    [InlineData("v2.small_x", true)]
    [InlineData("a", false)]
    [InlineData("Support", false)]
    [InlineData("-a", false)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    [InlineData("run-12", false)]
    [InlineData("run-12a", true)]
    [InlineData("base", false)]
    public void Name_OfAnEndpoint_IsPlainAndNoRuns(string name, bool allowed)
    {
        var made = Record.Exception(() => new Deployment(Guid.NewGuid(), name, "", "eli", s_now));
        Assert.Equal(allowed, made is null);
        Assert.True(made is null or RuleViolationException);
    }

    [Fact]
    public void Approve_DraftThatWasNotChecked_IsRefused() =>
        Assert.Contains("Check it first", Refusal(() => Draft().Approve("lea", "a", false, null, s_now)), StringComparison.Ordinal);

    [Fact]
    public void Approve_OwnVersionOtherHashOrMissedGoalWithoutReason_IsRefused()
    {
        var version = Draft();
        version.NoteCheck("a", "{}", passed: true, s_now);
        Assert.Contains("Nobody approves", Refusal(() => version.Approve("eli", "a", false, null, s_now)), StringComparison.Ordinal);
        Assert.Contains("settings changed", Refusal(() => version.Approve("lea", "b", false, null, s_now)), StringComparison.Ordinal);
        Assert.Contains("A goal is missed", Refusal(() => version.Approve("lea", "a", true, "  ", s_now)), StringComparison.Ordinal);
        version.Approve("lea", "a", true, "The old one is worse.", s_now);
        Assert.Equal((VersionState.Approved, "The old one is worse."), (version.State, version.Reason));
    }

    [Fact]
    public void Change_OfOtherSettings_LosesCheckAndApproval_AndOfTheSameKeepsThem()
    {
        var version = Approved();
        version.Change(null, "tiny", "{a}", "a", "eve", s_now);
        Assert.Equal((VersionState.Approved, "lea"), (version.State, version.ApprovedBy));
        version.Change(null, "tiny", "{b}", "b", "eve", s_now);
        Assert.Equal((VersionState.Draft, null, null), (version.State, version.ApprovedBy, version.CheckReport));
        Assert.Contains("not been shown", Refusal(() => version.Approve("lea", "b", false, null, s_now)), StringComparison.Ordinal);
    }

    [Fact]
    public void NoteCheck_OfSettingsThatChangedMeanwhile_IsRefused_AndAFailedOneLeavesADraft()
    {
        var version = Draft();
        Assert.Contains("changed while", Refusal(() => version.NoteCheck("b", "{}", true, s_now)), StringComparison.Ordinal);
        version.NoteCheck("a", "{}", passed: false, s_now);
        Assert.Equal((VersionState.Draft, "{}"), (version.State, version.CheckReport));
    }

    [Fact]
    public void Promote_NewVersionAndBack_KeepsTheOtherAtHand()
    {
        var (first, second) = (Approved("a"), Approved("b"));
        _deployment.Promote(first, null, s_now);
        _deployment.Promote(second, first, s_now);
        Assert.Equal((second.Id, first.Id), (_deployment.LiveVersionId!.Value, _deployment.PreviousVersionId!.Value));
        Assert.Equal((VersionState.Retired, VersionState.Live), (first.State, second.State));
        _deployment.Promote(first, second, s_now);
        Assert.Equal((first.Id, second.Id), (_deployment.LiveVersionId!.Value, _deployment.PreviousVersionId!.Value));
        Assert.Contains("stays as it is", Refusal(() => second.Change(null, "tiny", "{c}", "c", "eli", s_now)), StringComparison.Ordinal);
    }

    [Fact]
    public void Promote_DraftOrAnotherEndpointsVersion_IsRefused()
    {
        Assert.Contains("answers nobody", Refusal(() => _deployment.Promote(Draft(), null, s_now)), StringComparison.Ordinal);
        var other = new DeploymentVersion(Guid.NewGuid(), 1, null, "tiny", "{}", "a", "eli", s_now);
        Assert.Contains("another endpoint", Refusal(() => _deployment.Promote(other, null, s_now)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TrialMode.Share, 0)]
    [InlineData(TrialMode.Share, 100)]
    [InlineData(TrialMode.Shadow, 101)]
    public void Try_ShareThatIsNone_IsRefused(TrialMode mode, int percent)
    {
        _deployment.Promote(Approved("a"), null, s_now);
        Assert.Contains("share is 1 to", Refusal(() => _deployment.Try(Approved("b"), mode, percent)), StringComparison.Ordinal);
    }

    [Fact]
    public void Try_BesideNothingOrUnapproved_IsRefused_AndPromotionEndsTheTrial()
    {
        Assert.Contains("Nothing is live", Refusal(() => _deployment.Try(Approved("a"), TrialMode.Share, 10)), StringComparison.Ordinal);
        var (live, next) = (Approved("a"), Approved("b"));
        _deployment.Promote(live, null, s_now);
        Assert.Contains("answers nobody", Refusal(() => _deployment.Try(Draft("c"), TrialMode.Share, 10)), StringComparison.Ordinal);
        _deployment.Try(next, TrialMode.Shadow, 100);
        Assert.Equal(next.Id, _deployment.CandidateVersionId);
        _deployment.Promote(next, live, s_now);
        Assert.Null(_deployment.CandidateVersionId);
        Assert.Contains("No version is tried", Refusal(_deployment.EndTrial), StringComparison.Ordinal);
    }

    [Fact]
    public void Retire_EndsAllForGood()
    {
        var live = Approved();
        _deployment.Promote(live, null, s_now);
        _deployment.Retire(live, s_now);
        Assert.Null(_deployment.LiveVersionId);
        Assert.Contains("is retired", Refusal(() => _deployment.TakeNumber()), StringComparison.Ordinal);
        Assert.Contains("is retired", Refusal(() => _deployment.Promote(live, null, s_now)), StringComparison.Ordinal);
    }
}
