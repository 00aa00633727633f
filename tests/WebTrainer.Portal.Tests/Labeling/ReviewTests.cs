using WebTrainer.Domain;
using WebTrainer.Domain.Labels;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Portal.Tests.Labeling;

public sealed class ReviewTests : LabelingTest
{
    [Fact]
    public async Task OwnSingleAnswer_IsNeverApprovedByTheSamePerson()
    {
        var task = await NewTaskAsync(rows: new RowChoice(1), people: Reviewer);
        var item = (await NextAsync(Reviewer, task))!;
        await AnswerAsync(Reviewer, item.Id, "yes");

        var desk = await Reviews.GoAsync(Reviewer, Project, task, -1, forward: true, Ct);
        Assert.Null(desk.Item);
        Assert.Equal(1, desk.Own);
        var revision = (await NextReviewAsync(task, Lead))!.Revision;
        await Assert.ThrowsAsync<RuleViolationException>(() => ApproveAsync(Reviewer, item.Id, revision, "yes"));
        await ApproveAsync(Lead, item.Id, revision, "yes");
    }

    [Fact]
    public async Task Returned_ComesBackFirstWithTheReason_AndGoesToReviewAgain()
    {
        var task = await NewTaskAsync(people: Ada);
        var first = (await NextAsync(Ada, task))!;
        await AnswerAsync(Ada, first.Id, "yes");
        var seen = (await NextReviewAsync(task))!;
        await Reviews.ReturnAsync(Reviewer, Project, first.Id, seen.Revision, "Read the second sentence.", Ct);

        var back = (await NextAsync(Ada, task))!;
        Assert.Equal((first.Id, "Read the second sentence.", "yes"), (back.Id, back.ReturnReason, back.Values["answer"]));
        await AnswerAsync(Ada, back.Id, "no");
        Assert.Equal("no", Assert.Single((await NextReviewAsync(task))!.Answers).Values["answer"]);
    }

    [Fact]
    public async Task Returned_GoesToThoseWhoAnsweredOnly()
    {
        var task = await NewTaskAsync(rows: new RowChoice(1));
        var item = (await NextAsync(Ada, task))!;
        await AnswerAsync(Ada, item.Id, "yes");
        await Reviews.ReturnAsync(Reviewer, Project, item.Id, (await NextReviewAsync(task))!.Revision, "No.", Ct);
        Assert.Null(await NextAsync(Bo, task));
        Assert.NotNull(await NextAsync(Ada, task));
    }

    [Fact]
    public async Task Return_WithoutAReason_IsRefused()
    {
        var task = await NewTaskAsync(rows: new RowChoice(1), people: Ada);
        await AnswerAllAsync(Ada, task, _ => "yes");
        var seen = (await NextReviewAsync(task))!;
        await Assert.ThrowsAsync<RuleViolationException>(() => Reviews.ReturnAsync(Reviewer, Project, seen.Id, seen.Revision, "  ", Ct));
    }

    [Fact]
    public async Task Approve_WhatWasChangedSinceItWasSeen_IsAConflict()
    {
        var task = await NewTaskAsync(rows: new RowChoice(1), people: Ada);
        await AnswerAllAsync(Ada, task, _ => "yes");
        var seen = (await NextReviewAsync(task))!;
        await AnswerAsync(Ada, seen.Id, "no");
        await Assert.ThrowsAsync<ConflictException>(() => ApproveAsync(Reviewer, seen.Id, seen.Revision, "yes"));
    }

    [Fact]
    public async Task Approved_IsNotChangedByItsAnnotator()
    {
        var task = await NewTaskAsync(rows: new RowChoice(1), people: Ada);
        await AnswerAllAsync(Ada, task, _ => "yes");
        var item = (await NextReviewAsync(task))!;
        await ApproveAllAsync(task, _ => "unclear");
        await Assert.ThrowsAsync<RuleViolationException>(() => AnswerAsync(Ada, item.Id, "no"));
    }

    [Fact]
    public async Task Overview_CountsItemsPeopleAndAgreement()
    {
        var task = await NewTaskAsync(answers: 2, rows: new RowChoice(4));
        await AnswerAllAsync(Ada, task, item => item.Ordinal % 2 == 0 ? "yes" : "no");
        await AnswerAllAsync(
            Bo,
            task,
            item =>
                item.Ordinal == 0 ? "no"
                : item.Ordinal % 2 == 0 ? "yes"
                : "no"
        );
        var item = (await NextReviewAsync(task))!;
        await ApproveAsync(Reviewer, item.Id, item.Revision, "yes");

        var overview = await Overviews.ReadAsync(Lead, Project, task, Ct);
        Assert.Equal((0, 3, 1), (overview.Open, overview.InReview, overview.Approved));
        Assert.Equal([(4, 1, 0), (4, 1, 1)], overview.People.Select(p => (p.Answered, p.Judged, p.Kept)).Order());
        var agreement = Assert.Single(await Overviews.AgreementAsync(Lead, Project, task, Ct));
        Assert.Equal((0.75, 4), (agreement.Share, agreement.Items));
        Assert.Equal(1 - 7.0 * 2 / 30, agreement.Alpha!.Value, 9); // 5 times no and 3 times yes: 1 - (n-1)·o/(n_yes·n_no·2)
        Assert.Contains("too few to tell", agreement.Meaning, StringComparison.Ordinal);
        Assert.Empty(agreement.Reliability); // four items can't tell
        var approved = await Overviews.ItemsAsync(Lead, Project, task, ItemState.Approved, 0, 10, Ct);
        Assert.Equal("yes", Assert.Single(approved.Items).Final!["answer"]);
    }

    [Fact]
    public async Task Agreement_EnoughItems_TellsWhoIsReliable()
    {
        Version = (await Portal.AddVersionAsync(Project, Rows(24), "More rows")).Id;
        var task = await NewTaskAsync(answers: 2);
        await AnswerAllAsync(Ada, task, item => item.Ordinal % 2 == 0 ? "yes" : "no");
        await AnswerAllAsync(Bo, task, item => item.Ordinal % 2 == 0 ? "yes" : "no");
        var agreement = Assert.Single(await Overviews.AgreementAsync(Lead, Project, task, Ct));
        Assert.Equal((1.0, 24), (agreement.Share, agreement.Items));
        Assert.Contains("can be relied on", agreement.Meaning, StringComparison.Ordinal);
        Assert.Equal(["Annotator 1", "Annotator 2"], agreement.Reliability.Keys.Order());
        Assert.All(agreement.Reliability.Values, value => Assert.True(value > 0.99));
    }

    [Theory]
    [InlineData(12)]
    [InlineData(30)]
    public async Task Tie_OfThreePeople_IsCalledByNoProbability(int items)
    {
        var version = (await Portal.AddVersionAsync(Project, Rows(items), "More")).Id;
        Version = version;
        var task = await NewTaskAsync(answers: 3, people: [Ada, Bo, Lead]);
        foreach (var (place, person) in ((Caller[])[Ada, Bo, Lead]).Index())
        {
            await AnswerAllAsync(
                person,
                task,
                item =>
                    item.Ordinal == 0 ? "yes no unclear".Split(' ')[place]
                    : item.Ordinal % 5 == 0 && place == 2 ? "unclear"
                    : "yes"
            );
        }

        var tie = (await NextReviewAsync(task))!;
        Assert.Equal((0, 3), (tie.Ordinal, tie.Answers.Count));
        Assert.Empty(tie.Likely);
        await ApproveAsync(Reviewer, tie.Id, tie.Revision, "yes");

        var next = (await NextReviewAsync(task))!;
        Assert.Equal(items >= 20 ? 1 : 0, next.Likely.Count); // with fewer items nobody's reliability is known
        Assert.All(next.Likely.Values.SelectMany(l => l.Values), chance => Assert.True(chance < 1));
    }

    [Fact]
    public async Task SkippedByTheLastPerson_IsDecidedBySomebody_WithTheReasons()
    {
        var task = await NewTaskAsync(answers: 2, rows: new RowChoice(1));
        var item = (await NextAsync(Ada, task))!;
        await Answers.SkipAsync(Ada, Project, item.Id, "It is in a language that I don't read.", Ct);
        var left = Assert.Single(await Overviews.LeftItemsAsync(Lead, Project, task, Ct));
        Assert.Equal(("It is in a language that I don't read.", false, 2), (left.By[0].Reason, left.NobodyIsLeft, left.Missing));
        Assert.StartsWith("Annotator", left.By[0].Person, StringComparison.Ordinal);
        Assert.Null(await NextReviewAsync(task));

        await NextAsync(Bo, task);
        await AnswerAsync(Bo, item.Id, "yes");
        var waiting = (await NextReviewAsync(task))!;
        Assert.Equal(["It is in a language that I don't read."], waiting.Left);
        Assert.Single(waiting.Answers);
        left = Assert.Single(await Overviews.LeftItemsAsync(Lead, Project, task, Ct));
        Assert.Equal((true, "Nobody is left to answer: waits for a decision"), (left.NobodyIsLeft, left.Words));
        await ApproveAsync(Reviewer, waiting.Id, waiting.Revision, "no");
    }

    [Fact]
    public async Task SkipOfTheOnlyPerson_TakenBack_IsOpenForThemAgain()
    {
        var task = await NewTaskAsync(rows: new RowChoice(1), people: Ada);
        var item = (await NextAsync(Ada, task))!;
        await Answers.SkipAsync(Ada, Project, item.Id, "Not now.", Ct);
        Assert.NotNull(await NextReviewAsync(task));
        await Answers.RestoreAsync(Ada, Project, item.Id, Ct);
        Assert.Null(await NextReviewAsync(task));
        await AnswerAsync(Ada, item.Id, "yes");
        Assert.Single((await NextReviewAsync(task))!.Answers);
    }
}
