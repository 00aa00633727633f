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
    public void New_WithoutName_IsRefused(string name) =>
        Assert.Throws<RuleViolationException>(() => new Project(name, "", "ada", s_now));

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
    [InlineData(GoalMetric.Accuracy, 0.9, 0.9, true)]
    [InlineData(GoalMetric.Accuracy, 0.9, 0.89, false)]
    [InlineData(GoalMetric.Perplexity, 3, 2.9, true)]
    [InlineData(GoalMetric.GeneralLossRise, 0.1, 0.2, false)]
    public void Goal_IsMetBy_KnowsWhichWayIsBetter(GoalMetric metric, double target, double value, bool met) =>
        Assert.Equal(met, new Goal(Guid.NewGuid(), metric, target, "", s_now).IsMetBy(value));

    [Fact]
    public void Goal_AccuracyAboveOne_IsRefused() =>
        Assert.Throws<RuleViolationException>(() => new Goal(Guid.NewGuid(), GoalMetric.Accuracy, 90, "", s_now));
}
