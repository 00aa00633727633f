using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Portal.Tests.Labeling;

public sealed class AnswerTests : LabelingTest
{
    [Fact]
    public async Task Next_KeepsTheOrderOfTheRows_AndShowsTheirText()
    {
        var task = await NewTaskAsync(people: Ada);
        var seen = new List<string>();
        await AnswerAllAsync(
            Ada,
            task,
            item =>
            {
                seen.Add(item.Content.Prompt);
                return "yes";
            }
        );
        Assert.Equal(Enumerable.Range(0, 6).Select(i => $"Question {i}"), seen);
    }

    [Fact]
    public async Task Next_TwoPeopleOneAnswerEach_GetDifferentItems()
    {
        var task = await NewTaskAsync();
        Assert.NotEqual((await NextAsync(Ada, task))!.Id, (await NextAsync(Bo, task))!.Id);
    }

    [Fact]
    public async Task Next_LastItemHeldByAnother_IsNotHandedOut_UntilTheyLeave()
    {
        var task = await NewTaskAsync(rows: new RowChoice(1));
        Assert.NotNull(await NextAsync(Ada, task));
        Assert.Null(await NextAsync(Bo, task));
        await Answers.LeaveAsync(Ada, Project, task, Ct);
        Assert.NotNull(await NextAsync(Bo, task));
    }

    [Fact]
    public async Task Leave_AnotherWindowStillShowsTheItem_KeepsIt()
    {
        var task = await NewTaskAsync(rows: new RowChoice(1));
        Assert.NotNull(await NextAsync(Ada, task));
        Answers.Sit(Ada, task);
        Answers.Sit(Ada, task);
        await Answers.LeaveAsync(Ada, Project, task, Ct);
        Assert.Null(await NextAsync(Bo, task));
        await Answers.LeaveAsync(Ada, Project, task, Ct);
        Assert.NotNull(await NextAsync(Bo, task));
    }

    [Fact]
    public async Task Answer_TwoRaceForTheLastPlace_OneIsTakenAndTheOtherTold()
    {
        var task = await NewTaskAsync(rows: new RowChoice(1));
        var item = (await NextAsync(Ada, task))!.Id;
        var results = await Task.WhenAll(
            new[] { Ada, Bo }.Select(async person =>
            {
                try
                {
                    await AnswerAsync(person, item, "yes");
                    return "kept";
                }
                catch (RuleViolationException refusal)
                {
                    return refusal.Message;
                }
            })
        );
        Assert.Single(results, r => r == "kept");
        Assert.Single(results, r => r.StartsWith("This item was not handed out", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Answer_IsKeptAtOnce_AndUndoBringsItBackToBeChanged()
    {
        var task = await NewTaskAsync(people: Ada);
        var first = (await NextAsync(Ada, task))!;
        await AnswerAsync(Ada, first.Id, "yes");
        Portal.Clock.Advance(TimeSpan.FromSeconds(5));
        var second = (await Answers.GoAsync(Ada, Project, task, AnswerMove.Next, first.Id, Ct)).Item!;

        var undone = (await Answers.GoAsync(Ada, Project, task, AnswerMove.Undo, second.Id, Ct)).Item!;
        Assert.Equal((first.Id, "yes"), (undone.Id, undone.Values["answer"]));
        await AnswerAsync(Ada, first.Id, "no");
        var again = (await Answers.GoAsync(Ada, Project, task, AnswerMove.Back, second.Id, Ct)).Item!;
        Assert.Equal("no", again.Values["answer"]);
    }

    [Fact]
    public async Task BackAndForward_WalkTheItemsInOrder()
    {
        var task = await NewTaskAsync(people: Ada);
        var first = (await NextAsync(Ada, task))!;
        Portal.Clock.Advance(TimeSpan.FromSeconds(1));
        var second = (await Answers.GoAsync(Ada, Project, task, AnswerMove.Forward, first.Id, Ct)).Item!;
        Assert.Equal(1, second.Ordinal);
        Assert.Equal(first.Id, (await Answers.GoAsync(Ada, Project, task, AnswerMove.Back, second.Id, Ct)).Item!.Id);
        Assert.Null((await Answers.GoAsync(Ada, Project, task, AnswerMove.Back, first.Id, Ct)).Item);
    }

    [Fact]
    public async Task Answer_NoLabelOfTheTask_IsRefused()
    {
        var task = await NewTaskAsync(people: Ada);
        var item = (await NextAsync(Ada, task))!;
        await Assert.ThrowsAsync<RuleViolationException>(() => AnswerAsync(Ada, item.Id, "maybe"));
    }

    [Fact]
    public async Task Desk_CountsAndEstimatesFromThePace()
    {
        var task = await NewTaskAsync(people: Ada);
        for (var i = 0; i < 4; i++)
        {
            Portal.Clock.Advance(TimeSpan.FromSeconds(30));
            await AnswerAsync(Ada, (await NextAsync(Ada, task))!.Id, "yes");
        }

        var desk = await Answers.GoAsync(Ada, Project, task, AnswerMove.Next, null, Ct);
        Assert.Equal((4, 6, 60d), (desk.Done, desk.Total, desk.SecondsLeft));
    }

    [Fact]
    public async Task ClosedTask_TakesNoAnswer()
    {
        var task = await NewTaskAsync(people: Ada);
        var item = (await NextAsync(Ada, task))!;
        await Tasks.CloseAsync(Lead, Project, task, Ct);
        await Assert.ThrowsAsync<RuleViolationException>(() => AnswerAsync(Ada, item.Id, "yes"));
        Assert.Null(await NextAsync(Ada, task));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public async Task EightPeopleAtOnce_GiveNeverMoreAnswersThanAskedFor(int answersPerItem)
    {
        const int items = 12;
        var people = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Portal.AddUserAsync($"person{i}")));
        Project = await Portal.AddProjectAsync(Lead, [.. people.Select(p => (p, ProjectRole.Annotator))]);
        Version = (await Portal.AddVersionAsync(Project, Rows(items))).Id;
        var task = await NewTaskAsync(answers: answersPerItem, people: people);

        await Task.WhenAll(people.Select(person => AnswerAllAsync(person, task, _ => "yes")));
        foreach (var person in people)
        {
            await AnswerAllAsync(person, task, _ => "yes"); // what was held by others when they looked
        }

        await using var db = Portal.OpenDb();
        var counts = await db
            .LabelItems.Where(i => i.TaskId == task)
            .Select(i => new { i.State, Count = i.Assignments.Count(a => a.State == AssignmentState.Answered) })
            .ToListAsync(Ct);
        Assert.Equal(items, counts.Count);
        Assert.All(counts, item => Assert.Equal((ItemState.InReview, answersPerItem), (item.State, item.Count)));
    }
}
