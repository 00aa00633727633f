using Bunit;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Labels;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Portal.Tests.Labeling;

public sealed class AnswerPageTests : AnswerPageTest
{
    private long _sequence;

    [Fact]
    public async Task Keyboard_ChoosesSubmitsGoesOnAndComesBack()
    {
        var task = await NewTaskAsync(people: Ada);
        await using var browser = BrowserOf(Ada);
        var page = browser.Render<Answer>(p => p.Add(a => a.ProjectId, Project).Add(a => a.TaskId, task));
        page.WaitForAssertion(() => Assert.Contains("Question 0", page.Find("[data-test=item]").TextContent, StringComparison.Ordinal));
        Assert.Equal("0 of 6", page.Find("[data-test=count]").TextContent);

        await KeyAsync(page, "digit:2");
        Assert.Equal("no", page.Find("[aria-checked=true] span").TextContent);
        await KeyAsync(page, "submit");
        page.WaitForAssertion(() => Assert.Contains("Question 1", page.Find("[data-test=item]").TextContent, StringComparison.Ordinal));
        Assert.Equal("Submitted item 1", page.Find("[data-test=saved]").TextContent);
        Assert.StartsWith("1 of 6", page.Find("[data-test=count]").TextContent, StringComparison.Ordinal);

        await KeyAsync(page, "undo");
        page.WaitForAssertion(() => Assert.Contains("Question 0", page.Find("[data-test=item]").TextContent, StringComparison.Ordinal));
        Assert.Equal("no", page.Find("[aria-checked=true] span").TextContent);
        await KeyAsync(page, "digit:1");
        await KeyAsync(page, "submit");

        await using var db = Portal.OpenDb();
        Assert.Equal(
            Sheet("yes"),
            QuestionForm.Read((await db.Assignments.SingleAsync(a => a.State == AssignmentState.Answered, Ct)).Values)
        );
    }

    [Fact]
    public async Task Submit_WithoutAChoice_SavesNothingAndSaysSo()
    {
        var task = await NewTaskAsync(people: Ada);
        await using var browser = BrowserOf(Ada);
        var page = browser.Render<Answer>(p => p.Add(a => a.ProjectId, Project).Add(a => a.TaskId, task));
        page.WaitForElement("[data-test=options]");
        await KeyAsync(page, "submit");
        Assert.Equal("Choose an answer first", page.Find("[data-test=saved]").TextContent);
        await using var db = Portal.OpenDb();
        Assert.Empty(await db.Assignments.Where(a => a.Values != null).ToListAsync(Ct));
    }

    [Fact]
    public async Task Key_SentAgainOrForAnotherItem_DoesNothing()
    {
        var task = await NewTaskAsync(people: Ada);
        await using var browser = BrowserOf(Ada);
        var page = browser.Render<Answer>(p => p.Add(a => a.ProjectId, Project).Add(a => a.TaskId, task));
        page.WaitForElement("[data-test=options]");
        var first = ItemOf(page);
        await page.InvokeAsync(() => page.Instance.KeyAsync(new KeyPress("tab", 7, first, "digit:1")));
        await page.InvokeAsync(() => page.Instance.KeyAsync(new KeyPress("tab", 8, first, "submit")));
        page.WaitForAssertion(() => Assert.NotEqual(first, ItemOf(page)));
        await page.InvokeAsync(() => page.Instance.KeyAsync(new KeyPress("tab", 8, ItemOf(page), "digit:1")));
        await page.InvokeAsync(() => page.Instance.KeyAsync(new KeyPress("tab", 9, first, "digit:1")));
        Assert.Empty(page.FindAll("[aria-checked=true]"));
    }

    [Fact]
    public async Task UndoAndAnotherChoice_IsNoLongerCalledSubmitted()
    {
        var task = await NewTaskAsync(people: Ada);
        await using var browser = BrowserOf(Ada);
        var page = Open(browser, task);
        await KeyAsync(page, "digit:2");
        await KeyAsync(page, "submit");
        await KeyAsync(page, "undo");
        Assert.Equal("Submitted", page.Find("[data-test=saved]").TextContent);
        await KeyAsync(page, "digit:1");
        Assert.Equal("Changed, not submitted yet", page.Find("[data-test=saved]").TextContent);
        await KeyAsync(page, "digit:2");
        Assert.Equal("Submitted", page.Find("[data-test=saved]").TextContent);
    }

    [Fact]
    public async Task MarksOfTheOnlyQuestion_AreThereAfterAReload()
    {
        var task = await NewTaskAsync(Question.New(QuestionKind.Spans, "answer", "Mark names", "name", "place"), people: Ada);
        await using (var browser = BrowserOf(Ada))
        {
            var page = Open(browser, task);
            await KeyAsync(page, "next-word");
            await KeyAsync(page, "digit:2");
            Assert.Single(page.FindAll("mark"));
        }

        await using var later = BrowserOf(Ada);
        var again = Open(later, task);
        Assert.Equal("Question", again.Find("mark").TextContent);
        await again.Find("[data-send^='unmark:answer']").ClickAsync(new());
        Assert.Empty(again.FindAll("mark"));
    }

    [Fact]
    public async Task Marks_AreLinkedByDigits_AlsoAcrossAReload_AndALinkGoesWithItsMark()
    {
        var task = await NewTaskAsync(
            [
                Question.New(QuestionKind.Spans, "marks", "Mark names", "name"),
                Question.New(QuestionKind.Links, "links", "Links?", "is", "of"),
            ],
            new TaskRules { Overlap = 1, Order = ItemOrder.AsGiven },
            null,
            Ada
        );
        await using (var browser = BrowserOf(Ada))
        {
            var page = Open(browser, task);
            await KeyAsync(page, "next-word");
            await KeyAsync(page, "digit:1");
            await KeyAsync(page, "down");
            Assert.Contains("Mark one more", page.Markup, StringComparison.Ordinal);
            await KeyAsync(page, "up");
            await KeyAsync(page, "next-word");
            await KeyAsync(page, "digit:1");
            await KeyAsync(page, "down");
            await KeyAsync(page, "digit:2");
            Assert.Contains("leads to", page.Find("[data-test=link-step]").TextContent, StringComparison.Ordinal);
            await KeyAsync(page, "digit:1");
            await KeyAsync(page, "digit:2");
            Assert.Contains("→ of →", page.Find("[data-test=links]").TextContent, StringComparison.Ordinal);
        }

        await using var later = BrowserOf(Ada);
        var again = Open(later, task);
        Assert.Single(again.FindAll("[data-send^='unlink:links']"));
        await again.Find("[data-send^='unmark:marks']").ClickAsync(new());
        Assert.Empty(again.FindAll("[data-send^='unlink:links']"));
    }

    [Fact]
    public async Task TwoWindows_ChangesOfBothCount_AndNothingUnseenIsSubmitted()
    {
        var other = Question.New(QuestionKind.YesNo, "safe", "Is it safe?") with { Required = false };
        var task = await NewTaskAsync([Labels, other], new TaskRules { Overlap = 1, Order = ItemOrder.AsGiven }, null, Ada);
        await using var browser = BrowserOf(Ada);
        var (one, two) = (Open(browser, task), Open(browser, task));
        var item = ItemOf(one);
        Task Press(IRenderedComponent<Answer> page, string window, long number, string command) =>
            page.InvokeAsync(() => page.Instance.KeyAsync(new KeyPress(window, number, item, command)));
        await Press(one, "one", 1, "pick:answer:yes");
        await Press(two, "two", 1, "pick:safe:no");
        Assert.Equal(["yes", "no"], Chosen(two));
        Assert.Equal(["yes"], Chosen(one));

        await Press(one, "one", 2, "submit");
        Assert.Contains("in another window", one.Find("[data-test=saved]").TextContent, StringComparison.Ordinal);
        Assert.Equal(["yes", "no"], Chosen(one));
        await using (var db = Portal.OpenDb())
        {
            Assert.Empty(await db.Assignments.Where(a => a.Values != null).ToListAsync(Ct));
        }

        await Press(one, "one", 3, "submit");
        await using (var db = Portal.OpenDb())
        {
            Assert.Equal(
                new() { ["answer"] = "yes", ["safe"] = "no" },
                QuestionForm.Read((await db.Assignments.SingleAsync(a => a.Values != null, Ct)).Values).ToDictionary()
            );
        }
    }

    [Fact]
    public async Task KeysBeforeAReload_CountOnceAndWhereTheyWerePressed()
    {
        var tags = Question.New(QuestionKind.ChooseMany, "tags", "Which apply?", "a", "b", "c");
        var task = await NewTaskAsync([Labels, tags], new TaskRules { Overlap = 1, Order = ItemOrder.AsGiven }, null, Ada);
        KeyPress[] pressed;
        await using (var browser = BrowserOf(Ada))
        {
            var page = Open(browser, task);
            var item = ItemOf(page);
            pressed = [new("old", 1, item, "digit:1"), new("old", 2, item, "digit:2"), new("old", 3, item, "digit:3")];
            await page.InvokeAsync(() => page.Instance.KeyAsync(pressed[0]));
            // its acknowledgement is lost; the third never leaves the browser
            await page.InvokeAsync(() => page.Instance.KeyAsync(pressed[1]));
        }

        await using var later = BrowserOf(Ada);
        var again = Open(later, task);
        foreach (var press in pressed[1..])
        {
            await again.InvokeAsync(() => again.Instance.KeyAsync(press with { Again = true }));
        }

        Assert.Equal(["yes", "b", "c"], Chosen(again));
    }

    [Fact]
    public async Task TextTypedBeforeTheCut_IsSubmittedAsItWasLast()
    {
        var task = await NewTaskAsync(Better, people: Ada);
        await using var browser = BrowserOf(Ada);
        var page = Open(browser, task);
        await page.Find("[data-test=text-answer]").InputAsync(new() { Value = "Before the cut" });
        var item = ItemOf(page);
        await page.InvokeAsync(() =>
            page.Instance.KeyAsync(new KeyPress("tab", 1, item, "texts", Texts: new Dictionary<string, string> { ["answer"] = "After it" }))
        );
        await page.InvokeAsync(() => page.Instance.KeyAsync(new KeyPress("tab", 2, item, "submit")));
        await using var db = Portal.OpenDb();
        Assert.Equal("After it", QuestionForm.Read((await db.Assignments.SingleAsync(a => a.Values != null, Ct)).Values)["answer"]);
    }

    [Fact]
    public async Task Flag_SentAgain_ReachesTheLeadOnce()
    {
        var task = await NewTaskAsync(people: Ada);
        var written = new Dictionary<string, string> { ["reason"] = "This is two questions." };
        string item;
        await using (var browser = BrowserOf(Ada))
        {
            var page = Open(browser, task);
            item = ItemOf(page);
            await page.InvokeAsync(() => page.Instance.KeyAsync(new KeyPress("tab", 1, item, "note")));
            await page.InvokeAsync(() => page.Instance.KeyAsync(new KeyPress("tab", 2, item, "submit:note", Texts: written)));
        }

        await using var later = BrowserOf(Ada);
        var again = Open(later, task);
        await again.InvokeAsync(() => again.Instance.KeyAsync(new KeyPress("tab", 2, item, "submit:note", Texts: written, Again: true)));
        Assert.Equal("This is two questions.", Assert.Single(await Overviews.NotesAsync(Lead, Project, task, Ct)).Text);
    }

    [Fact]
    public async Task SkipSentBeforeAReload_IsNoAnswerAfterIt()
    {
        var task = await NewTaskAsync(people: Ada);
        string item;
        await using (var browser = BrowserOf(Ada))
        {
            var page = Open(browser, task);
            item = ItemOf(page);
            await page.InvokeAsync(() => page.Instance.KeyAsync(new KeyPress("tab", 1, item, "digit:1")));
            await page.InvokeAsync(() => page.Instance.KeyAsync(new KeyPress("tab", 2, item, "skip")));
        }

        await using var later = BrowserOf(Ada);
        var again = Open(later, task);
        await again.InvokeAsync(() =>
            again.Instance.KeyAsync(
                new KeyPress("tab", 3, item, "submit:skip", Texts: new Dictionary<string, string> { ["reason"] = "Not mine" }, Again: true)
            )
        );
        await using var db = Portal.OpenDb();
        var mine = await db.Assignments.SingleAsync(a => a.ItemId == Guid.Parse(item), Ct);
        Assert.Equal((AssignmentState.Skipped, "Not mine", null), (mine.State, mine.SkipReason, mine.Values));
    }

    [Fact]
    public async Task DependentQuestion_IsAskedOnlyAfterItsAnswer()
    {
        var safe = Question.New(QuestionKind.YesNo, "safe", "Is it safe?");
        var why = Question.New(QuestionKind.Choose, "why", "Why not?", "crime", "other") with { DependsOn = new Condition("safe", "no") };
        var task = await NewTaskAsync([safe, why], new TaskRules { Overlap = 1, Order = ItemOrder.AsGiven }, null, Ada);
        await using var browser = BrowserOf(Ada);
        var page = browser.Render<Answer>(p => p.Add(a => a.ProjectId, Project).Add(a => a.TaskId, task));
        page.WaitForElement("[data-question=safe]");
        Assert.Empty(page.FindAll("[data-question=why]"));
        await KeyAsync(page, "digit:2");
        await KeyAsync(page, "digit:1"); // the next question is active by now
        await KeyAsync(page, "submit");
        await using var db = Portal.OpenDb();
        var values = QuestionForm.Read((await db.Assignments.SingleAsync(a => a.State == AssignmentState.Answered, Ct)).Values);
        Assert.Equal(("no", "crime"), (values["safe"], values["why"]));
    }

    private Task KeyAsync(IRenderedComponent<Answer> page, string command) =>
        page.InvokeAsync(() => page.Instance.KeyAsync(new KeyPress("tab", ++_sequence, ItemOf(page), command, 1)));
}
