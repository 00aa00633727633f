using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Portal.Tests.Labeling;

/// <summary>Who learns what of whom, and what becomes of agreement and disagreement.</summary>
public sealed class BlindTests : LabelingTest
{
    private static readonly TaskRules s_byRule = new()
    {
        Overlap = 2,
        MaxOverlap = 3,
        Order = ItemOrder.AsGiven,
    };

    [Fact]
    public async Task Annotator_SeesNothingOfOthersAnswersOrNames()
    {
        var task = await NewTaskAsync([Labels], s_byRule);
        var item = (await NextAsync(Ada, task))!.Id;
        await AnswerAsync(Ada, item, "unclear");
        await Answers.NoteAsync(Ada, Project, item, isFlag: true, "a secret word", Ct);
        AnswerDesk desk;
        do
        {
            desk = await Answers.GoAsync(Bo, Project, task, AnswerMove.Forward, null, Ct);
        } while (desk.Item!.Id != item);
        var seen = JsonSerializer.Serialize(desk.Item);
        Assert.DoesNotContain("unclear", seen, StringComparison.Ordinal);
        Assert.DoesNotContain(Ada.UserId, seen, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lead_SeesPseudonymsUntilTheTaskIsClosed()
    {
        var task = await NewTaskAsync([Labels], s_byRule);
        await AnswerAllAsync(Ada, task, _ => "yes");
        await AnswerAllAsync(Bo, task, _ => "yes");
        var open = JsonSerializer.Serialize(
            ((await Overviews.ReadAsync(Lead, Project, task, Ct)).People, await Overviews.AgreementAsync(Lead, Project, task, Ct))
        );
        Assert.DoesNotContain("\"ada\"", open, StringComparison.Ordinal);
        await Tasks.CloseAsync(Lead, Project, task, Ct);
        Assert.Equal(["ada", "bo"], (await Overviews.ReadAsync(Lead, Project, task, Ct)).People.Select(p => p.Person));
    }

    [Fact]
    public async Task Reviewer_NeverGetsAnItemWithTheirOwnAnswer()
    {
        var task = await NewTaskAsync([Labels], s_byRule, new RowChoice(1), Ada, Reviewer);
        var item = (await NextAsync(Ada, task))!.Id;
        await AnswerAsync(Ada, item, "yes");
        await AnswerAsync(Reviewer, (await NextAsync(Reviewer, task))!.Id, "no");
        Assert.Null(await NextReviewAsync(task));
        var seen = (await NextReviewAsync(task, Lead))!;
        await Assert.ThrowsAsync<RuleViolationException>(() => ApproveAsync(Reviewer, item, seen.Revision, "no"));
        Assert.Equal([1, 1], seen.Answers.Select(a => a.People));
    }

    [Fact]
    public async Task Agreed_IsDoneWithoutAReviewer_AndDisagreed_IsNot()
    {
        var task = await NewTaskAsync([Labels], s_byRule, new RowChoice(2));
        await AnswerAllAsync(Ada, task, _ => "yes");
        await AnswerAllAsync(Bo, task, item => item.Ordinal == 0 ? "yes" : "no");
        var overview = await Overviews.ReadAsync(Lead, Project, task, Ct);
        Assert.Equal((1, 1), (overview.Agreed, overview.InReview));
        Assert.Equal(1, (await NextReviewAsync(task))!.Ordinal);
    }

    [Fact]
    public async Task Disagreed_ByRule_GoesToOneMorePerson_WhoseVoteDecides()
    {
        var task = await NewTaskAsync(
            [Labels],
            s_byRule with
            {
                OnDisagreement = OnDisagreement.FurtherAnnotator,
            },
            new RowChoice(1),
            Ada,
            Bo,
            Reviewer
        );
        await AnswerAllAsync(Ada, task, _ => "yes");
        await AnswerAllAsync(Bo, task, _ => "no");
        Assert.Equal(1, (await Overviews.ReadAsync(Lead, Project, task, Ct)).Open);
        await AnswerAllAsync(Reviewer, task, _ => "no");
        var done = Assert.Single((await Overviews.ItemsAsync(Lead, Project, task, ItemState.Agreed, 0, 10, Ct)).Items);
        Assert.Equal("no", done.Final!["answer"]);
    }

    [Fact]
    public async Task AskFurther_OpensTheItemForSomebodyElseOnly()
    {
        var task = await NewTaskAsync([Labels], s_byRule, new RowChoice(1), Ada, Bo, Lead);
        await AnswerAllAsync(Ada, task, _ => "yes");
        await AnswerAllAsync(Bo, task, _ => "no");
        var seen = (await NextReviewAsync(task))!;
        await Reviews.AskFurtherAsync(Reviewer, Project, seen.Id, seen.Revision, Ct);
        Assert.Null(await NextAsync(Ada, task));
        Assert.NotNull(await NextAsync(Lead, task));
    }

    [Fact]
    public async Task Shuffled_PeopleGetTheItemsInDifferentOrders()
    {
        Version = (await Portal.AddVersionAsync(Project, Rows(40), "More rows")).Id;
        var task = await NewTaskAsync([Labels], new TaskRules { Overlap = 2 });
        async Task<List<int>> OrderAsync(Caller person)
        {
            var order = new List<int>();
            await AnswerAllAsync(
                person,
                task,
                item =>
                {
                    order.Add(item.Ordinal);
                    return "yes";
                }
            );
            return order;
        }

        var (ada, bo) = (await OrderAsync(Ada), await OrderAsync(Bo));
        Assert.Equal(ada.Order(), bo.Order());
        Assert.NotEqual(ada, bo);
    }

    [Fact]
    public async Task Gold_IsMixedIn_ScoresEachPerson_AndStaysOutOfTheData()
    {
        Version = (
            await Portal.AddVersionAsync(
                Project,
                Enumerable.Range(0, 10).Select(i => CanonicalRow.Create($"r{i}", i + 1, null, $"Text {i}", null, i < 4 ? "no" : null)),
                "Labelled"
            )
        ).Id;
        var task = await Tasks.CreateAsync(
            Lead,
            Project,
            new NewTaskDraft
            {
                VersionId = Version,
                Name = "Gold",
                Questions = [Labels],
                Rules = new TaskRules { Overlap = 1, GoldEvery = 3 },
                Assignees = [Ada.UserId],
                GoldItems = 3,
            },
            Ct
        );
        await AnswerAllAsync(Ada, task, _ => "yes");
        var person = Assert.Single((await Overviews.ReadAsync(Lead, Project, task, Ct)).People);
        Assert.Equal((3, 0), (person.Gold, person.GoldRight));
        Assert.Equal(7, (await Overviews.ReadAsync(Lead, Project, task, Ct)).Items);
    }

    [Fact]
    public async Task LearnOrder_AfterEnoughIsDone_HandsOutTheUnsureFirst()
    {
        string Text(int i) =>
            i == 29 ? "card refund"
            : i % 2 == 0 ? $"lost card {i}"
            : $"refund money {i}";
        Version = (
            await Portal.AddVersionAsync(
                Project,
                Enumerable.Range(0, 30).Select(i => CanonicalRow.Create($"r{i:00}", i + 1, null, Text(i), (string?)null)),
                "Texts"
            )
        ).Id;
        var task = await NewTaskAsync(
            [Labels],
            new TaskRules { Overlap = 2, Order = ItemOrder.Uncertainty },
            new RowChoice(),
            Ada,
            Bo,
            Reviewer
        );
        await Assert.ThrowsAsync<RuleViolationException>(() => Tasks.LearnOrderAsync(Lead, Project, task, Ct));
        async Task AnswerAsync(Caller person, Guid item, string text) =>
            await Answers.SubmitAsync(person, Project, item, Sheet(text.Contains("card", StringComparison.Ordinal) ? "yes" : "no"), 1, Ct);
        foreach (var person in (Caller[])[Ada, Bo])
        {
            foreach (var item in (await Answers.BatchAsync(person, Project, task, 30, Ct)).Where(i => i.Ordinal != 29))
            {
                await AnswerAsync(person, item.Id, item.Content.Prompt);
            }

            await Answers.LeaveAsync(person, Project, task, Ct);
        }

        await Tasks.LearnOrderAsync(Lead, Project, task, Ct);
        Assert.Equal(29, (await NextAsync(Reviewer, task))!.Ordinal);
    }

    [Fact]
    public async Task Cap_EndsAPersonsWork()
    {
        var task = await NewTaskAsync([Labels], new TaskRules { Overlap = 1, MaxPerPerson = 2 });
        await AnswerAllAsync(Ada, task, _ => "yes");
        Assert.Equal(2, (await Overviews.ReadAsync(Lead, Project, task, Ct)).People.Max(p => p.Answered));
    }

    [Fact]
    public async Task Lease_Expires_AndALateAnswerIsStillTaken()
    {
        var task = await NewTaskAsync([Labels], s_byRule with { Overlap = 1, LeaseMinutes = 30 }, new RowChoice(1));
        var item = (await NextAsync(Ada, task))!.Id;
        Assert.Null(await NextAsync(Bo, task));
        Portal.Clock.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal(item, (await NextAsync(Bo, task))!.Id);
        await AnswerAsync(Ada, item, "yes");
        await AnswerAsync(Bo, item, "yes");
        await using var db = Portal.OpenDb();
        Assert.Equal(2, await db.Assignments.CountAsync(a => a.State == AssignmentState.Answered, Ct));
    }

    [Fact]
    public async Task Discard_CanBeTakenBackWithItsAnswer_AndTheHistoryTellsAll()
    {
        var task = await NewTaskAsync(people: Ada);
        var item = (await NextAsync(Ada, task))!.Id;
        await AnswerAsync(Ada, item, "yes");
        await Answers.DiscardAsync(Ada, Project, item, Ct);
        await Answers.RestoreAsync(Ada, Project, item, Ct);
        var back = (await Answers.GoAsync(Ada, Project, task, AnswerMove.Undo, null, Ct)).Item!;
        Assert.Equal((AssignmentState.Answered, "yes"), (back.State, back.Values["answer"]));
        Assert.Equal(
            [AnswerAct.Submitted, AnswerAct.Discarded, AnswerAct.Restored],
            (await Answers.HistoryAsync(Ada, Project, item, Ct)).Select(s => s.Act)
        );
    }

    [Fact]
    public async Task Skip_NeedsAReason_AndGivesTheItemToOthers()
    {
        var task = await NewTaskAsync(rows: new RowChoice(1));
        var item = (await NextAsync(Ada, task))!.Id;
        await Assert.ThrowsAsync<RuleViolationException>(() => Answers.SkipAsync(Ada, Project, item, " ", Ct));
        await Answers.SkipAsync(Ada, Project, item, "not my field", Ct);
        Assert.Null(await NextAsync(Ada, task));
        Assert.Equal(item, (await NextAsync(Bo, task))!.Id);
    }

    [Fact]
    public async Task Paused_TakesNoAnswers_AndGoesOn()
    {
        var task = await NewTaskAsync(people: Ada);
        var item = (await NextAsync(Ada, task))!.Id;
        await Tasks.PauseAsync(Lead, Project, task, Ct);
        await Assert.ThrowsAsync<RuleViolationException>(() => AnswerAsync(Ada, item, "yes"));
        await Tasks.ResumeAsync(Lead, Project, task, Ct);
        await AnswerAsync(Ada, item, "yes");
    }

    [Fact]
    public async Task Draft_IsThereAgain_AndTimeCountsWorkOnly()
    {
        var task = await NewTaskAsync(people: Ada);
        var item = (await NextAsync(Ada, task))!.Id;
        await Answers.KeepDraftAsync(Ada, Project, item, Sheet("no"), Ct);
        Assert.Equal("no", (await NextAsync(Ada, task))!.Values["answer"]);
        Portal.Clock.Advance(TimeSpan.FromSeconds(20));
        await AnswerAsync(Ada, item, "no", seconds: 1e9);
        await using var db = Portal.OpenDb();
        Assert.Equal(20, (await db.Assignments.SingleAsync(a => a.ItemId == item, Ct)).Seconds); // no longer than they had it
    }

    [Fact]
    public async Task SentTwice_IsKeptOnce()
    {
        var task = await NewTaskAsync(people: Ada);
        var item = (await NextAsync(Ada, task))!.Id;
        await AnswerAsync(Ada, item, "yes");
        await AnswerAsync(Ada, item, "yes");
        Assert.Single(await Answers.HistoryAsync(Ada, Project, item, Ct));
    }

    [Fact]
    public async Task RemovedFromTheProject_LosesTheRightAtOnce()
    {
        var task = await NewTaskAsync(people: Ada);
        var item = (await NextAsync(Ada, task))!.Id;
        await using var db = Portal.OpenDb();
        await db.Memberships.Where(m => m.UserId == Ada.UserId).ExecuteDeleteAsync(Ct);
        await Assert.ThrowsAsync<NotFoundException>(() => AnswerAsync(Ada, item, "yes"));
    }

    [Fact]
    public async Task TwoReviewersDecideAtOnce_OneDecisionIsKept()
    {
        var task = await NewTaskAsync([Labels], s_byRule, new RowChoice(1));
        await AnswerAllAsync(Ada, task, _ => "yes");
        await AnswerAllAsync(Bo, task, _ => "no");
        var seen = (await NextReviewAsync(task))!;
        var results = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(async i =>
                {
                    try
                    {
                        await ApproveAsync(i % 2 == 0 ? Reviewer : Lead, seen.Id, seen.Revision, i % 2 == 0 ? "yes" : "no");
                        return true;
                    }
                    catch (ConflictException)
                    {
                        return false;
                    }
                })
        );
        Assert.Single(results, kept => kept);
        await using var db = Portal.OpenDb();
        Assert.Equal(1, await db.Audit.CountAsync(e => e.Action == "labeling.approved", Ct));
    }
}
