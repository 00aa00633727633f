using WebTrainer.Domain.Projects;

namespace WebTrainer.Domain.Tests;

public sealed class ProjectTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void New_ItsCreatorLeadsIt()
    {
        var project = new Project("  Claims ", "", "ada", s_now);
        Assert.Equal("Claims", project.Name);
        Assert.Equal(("ada", ProjectRole.Lead), (project.Members.Single().UserId, project.Members.Single().Role));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    public void New_WithoutName_IsRefused(string name) => Assert.Throws<RuleViolationException>(() => new Project(name, "", "ada", s_now));

    [Fact]
    public void New_NameTooLong_IsRefused() =>
        Assert.Throws<RuleViolationException>(() => new Project(new string('x', Project.MaxNameLength + 1), "", "ada", s_now));

    [Theory]
    [InlineData(ProjectRole.Annotator, Permission.ViewResults, false)]
    [InlineData(ProjectRole.Annotator, Permission.AnswerItems, true)]
    [InlineData(ProjectRole.Reviewer, Permission.ReviewItems, true)]
    [InlineData(ProjectRole.Reviewer, Permission.ManageData, false)]
    [InlineData(ProjectRole.Engineer, Permission.SubmitRuns, true)]
    [InlineData(ProjectRole.Engineer, Permission.ApproveRuns, false)]
    [InlineData(ProjectRole.Lead, Permission.ApproveRuns, true)]
    public void Roles_AllowWhatTheyShould(ProjectRole role, Permission permission, bool allowed) =>
        Assert.Equal(allowed, role.Allows(permission));

    [Theory]
    [InlineData(GoalMetric.Accuracy, 0.9, 0.91, 0.93, GoalState.Met)]
    [InlineData(GoalMetric.Accuracy, 0.9, 0.85, 0.89, GoalState.Missed)]
    [InlineData(GoalMetric.Accuracy, 0.9, 0.88, 0.92, GoalState.Undecided)]
    [InlineData(GoalMetric.Perplexity, 3, 2.9, 2.9, GoalState.Met)]
    [InlineData(GoalMetric.Perplexity, 3, 2.9, 3.1, GoalState.Undecided)]
    [InlineData(GoalMetric.GeneralLossRise, 0.1, 0.2, 0.2, GoalState.Missed)]
    public void Judge_KnowsWhichWayIsBetter_AndWhenItIsTooClose(
        GoalMetric metric,
        double target,
        double low,
        double high,
        GoalState state
    ) => Assert.Equal(state, Goal.Judge(metric, target, low, high));

    [Fact]
    public void Goal_AccuracyAboveOne_IsRefused() =>
        Assert.Throws<RuleViolationException>(() => new Goal(Guid.NewGuid(), GoalMetric.Accuracy, 90, "", s_now));
}
