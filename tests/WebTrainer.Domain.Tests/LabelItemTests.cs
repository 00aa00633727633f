using WebTrainer.Domain.Labels;

namespace WebTrainer.Domain.Tests;

public sealed class LabelItemTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    private static LabelTask Task(int answersPerItem = 2) =>
        new(Guid.NewGuid(), Guid.NewGuid(), "intents", LabelKind.Choose, "Which?", ["a", "b"], answersPerItem, ["eve", "fay", "gil"], "ada", s_now);

    [Fact]
    public void Answer_LastOneAskedFor_GoesToReview()
    {
        var task = Task();
        var item = new LabelItem(task.Id, 0, "row");
        item.Answer(task, "eve", "a", s_now);
        Assert.Equal(ItemState.Open, item.State);
        item.Answer(task, "fay", "b", s_now);
        Assert.Equal(ItemState.InReview, item.State);
    }

    [Fact]
    public void Answer_MorePeopleThanAskedFor_IsRefused()
    {
        var task = Task(answersPerItem: 1);
        var item = new LabelItem(task.Id, 0, "row");
        item.Answer(task, "eve", "a", s_now);
        Assert.Throws<RuleViolationException>(() => item.Answer(task, "fay", "a", s_now));
    }

    [Fact]
    public void Answer_Again_ChangesTheOwnAnswer()
    {
        var task = Task();
        var item = new LabelItem(task.Id, 0, "row");
        item.Answer(task, "eve", "a", s_now);
        item.Answer(task, "eve", "b", s_now);
        Assert.Equal("b", item.Answers.Single().Value);
    }

    [Fact]
    public void Answer_UnknownLabelOrPerson_IsRefused()
    {
        var task = Task();
        var item = new LabelItem(task.Id, 0, "row");
        Assert.Throws<RuleViolationException>(() => item.Answer(task, "eve", "c", s_now));
        Assert.Throws<RuleViolationException>(() => item.Answer(task, "mallory", "a", s_now));
    }

    [Fact]
    public void Return_NeedsNewAnswersOfAll()
    {
        var task = Task();
        var item = new LabelItem(task.Id, 0, "row");
        item.Answer(task, "eve", "a", s_now);
        item.Answer(task, "fay", "b", s_now);
        item.Return("gil", "read the guideline", s_now);
        item.Answer(task, "eve", "b", s_now);
        Assert.Equal(ItemState.Open, item.State);
        item.Answer(task, "fay", "b", s_now);
        Assert.Equal(ItemState.InReview, item.State);
    }

    [Fact]
    public void Approve_OwnSingleAnswer_IsRefused()
    {
        var task = Task(answersPerItem: 1);
        var item = new LabelItem(task.Id, 0, "row");
        item.Answer(task, "eve", "a", s_now);
        Assert.Throws<RuleViolationException>(() => item.Approve(task, "eve", "a", s_now));
        item.Approve(task, "gil", "b", s_now);
        Assert.Equal(("b", ItemState.Approved), (item.Final, item.State));
    }
}
