using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Labels;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Portal.Tests.Labeling;

public sealed class TaskTests : LabelingTest
{
    [Fact]
    public async Task Create_AtRandom_TakesAsManyInTheOrderOfTheRows_TheSameEachTime()
    {
        var choice = new RowChoice(3, AtRandom: true);
        var first = await RowIdsAsync(await NewTaskAsync(rows: choice));
        Assert.Equal(3, first.Count);
        Assert.Equal(first.Order(), first);
        Assert.Equal(first, await RowIdsAsync(await NewTaskAsync(rows: choice)));
    }

    [Fact]
    public async Task Create_OnlyUnansweredOfAnsweredRows_IsRefused()
    {
        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() => NewTaskAsync(rows: new RowChoice(OnlyUnanswered: true)));
        Assert.Contains("No row of this version fits", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_AssigningSomebodyFromOutside_LeavesThemOut()
    {
        await Assert.ThrowsAsync<RuleViolationException>(() => NewTaskAsync(people: Stranger));
    }

    [Fact]
    public async Task List_ShowsALeadAllAndTheirProgress()
    {
        var task = await NewTaskAsync(people: Ada);
        await AnswerAsync(Ada, (await NextAsync(Ada, task))!.Id, "yes");
        var line = Assert.Single((await Tasks.ListAsync(Lead, Project, Ct)).Tasks);
        Assert.Equal((6, 5, 1, 0, 0, false), (line.Items, line.Open, line.InReview, line.Done, line.Mine, line.IsMine));
        Assert.Equal(5, Assert.Single((await Tasks.ListAsync(Ada, Project, Ct)).Tasks).Mine);
    }

    [Fact]
    public async Task EachStep_LeavesATrace()
    {
        var task = await NewTaskAsync(people: Ada);
        await AnswerAllAsync(Ada, task, _ => "yes");
        await ApproveAllAsync(task, _ => "yes");
        await Tasks.CloseAsync(Lead, Project, task, Ct);
        await Snapshots.MakeAsync(Lead, Project, task, 1, Ct);
        await using var db = Portal.OpenDb();
        var actions = await db.Audit.Where(e => e.ProjectId == Project).GroupBy(e => e.Action).Select(g => g.Key).ToListAsync(Ct);
        Assert.Equal(
            [
                "dataset.version-labeled",
                "labeling.answered",
                "labeling.approved",
                "labeling.items-read",
                "labeling.task-closed",
                "labeling.task-created",
            ],
            actions.Order()
        );
    }

    private async Task<List<string>> RowIdsAsync(Guid task)
    {
        await using var db = Portal.OpenDb();
        return await db.LabelItems.Where(i => i.TaskId == task).OrderBy(i => i.Ordinal).Select(i => i.RowId).ToListAsync(Ct);
    }
}
