using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Features.Runs.Advice;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Runs;

/// <summary>Advice after a run: each rule holds where its facts do, and only there.</summary>
public sealed class RunAdviceTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void ValidationStillFalling_MoreEpochs_WithTheFacts()
    {
        var step = Assert.Single(Of(new(150, 1.3, [(40, 3), (80, 2.5), (120, 2.2), (150, 2.0)], 3.5, 2.1), judged: true));
        Assert.Equal("Run it again with 12 epochs", step.What);
        Assert.Equal("150 steps were 1.3 epochs, and the validation loss still fell by 9 % over the last quarter.", step.Why);
        Assert.Contains("&set=epochs:12", step.Address, StringComparison.Ordinal);
    }

    [Fact]
    public void ValidationRisenAgain_Patience_UnlessItHadOne()
    {
        var course = new RunCourse(200, 4, [(50, 2.5), (100, 2.0), (150, 2.2), (200, 2.4)], 3, 1);
        Assert.Equal("Run it again with a patience of 3", Assert.Single(Of(course, judged: true)).What);
        Assert.Empty(Of(course, judged: true, new TrainingSettings { Patience = 2 }));
    }

    [Fact]
    public void ValidationLevel_SaysNothing() =>
        Assert.Empty(Of(new(200, 4, [(50, 2.0), (100, 1.9), (150, 1.85), (200, 1.849)], 3, 1.8), judged: true));

    [Fact]
    public void NothingLearned_HigherRate() =>
        Assert.StartsWith(
            "Run it again with a higher learning rate",
            Assert.Single(Of(new(200, 4, [(50, 3), (100, 3), (150, 3), (200, 3)], 3, 2.99), judged: true)).What,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData(3.5)]
    [InlineData(double.NaN)]
    public void LossRose_LowerRate(double last) =>
        Assert.StartsWith(
            "Run it again with a lower learning rate",
            Assert.Single(Of(new(200, 4, [(50, 3), (100, 3), (150, 3), (200, 3)], 3, last), judged: true)).What,
            StringComparison.Ordinal
        );

    [Fact]
    public void NotJudged_Judge() =>
        Assert.Equal(
            "Judge it against its base on the test rows",
            Assert.Single(Of(new(200, 4, [(50, 2.0), (100, 1.9), (150, 1.85), (200, 1.849)], 3, 1.8), judged: false)).What
        );

    [Fact]
    public void NoValidationRows_SaysSo() =>
        Assert.StartsWith("Split the data", Assert.Single(Of(new(200, 4, [], 3, 1), judged: true)).What, StringComparison.Ordinal);

    [Fact]
    public void StillRunning_SaysNothing()
    {
        var job = new Job(Guid.NewGuid(), Run.JobKind, "user", s_now);
        Assert.Empty(RunAdvice.Of(ARun(), job, new(), new(10, 1, [], 3, 1), isJudged: false, path => path));
    }

    [Theory]
    [InlineData("Classify: a", "Classify: b", "Classify: a")]
    [InlineData("Say which team answers this message.\nMy card", "Say which team answers this message.\nNo money", "… My card")]
    public void Sample_ShowsTheRowsOwnWords(string prompt, string other, string shown) =>
        Assert.Equal(shown, SampleWords.Own(prompt, [prompt, other]));

    private static IReadOnlyList<NextStep> Of(RunCourse course, bool judged, TrainingSettings? training = null)
    {
        var job = new Job(Guid.NewGuid(), Run.JobKind, "user", s_now);
        job.End(JobState.Completed, s_now);
        return RunAdvice.Of(ARun(), job, training ?? new TrainingSettings(), course, judged, path => path);
    }

    private static Run ARun() => new(Guid.NewGuid(), 1, "a", Guid.NewGuid(), "tiny", "{}", "", "user", s_now, Guid.NewGuid());
}
