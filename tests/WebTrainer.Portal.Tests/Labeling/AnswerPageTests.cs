using System.Security.Claims;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using WebTrainer.Domain.Labels;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Portal.Tests.Labeling;

public sealed class AnswerPageTests : LabelingTest
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
        Assert.Equal(Sheet("yes"), QuestionForm.Read((await db.Assignments.SingleAsync(a => a.State == AssignmentState.Answered, Ct)).Values));
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
        await page.InvokeAsync(() => page.Instance.KeyAsync(7, first, "digit:1", 0));
        await page.InvokeAsync(() => page.Instance.KeyAsync(8, first, "submit", 0));
        page.WaitForAssertion(() => Assert.NotEqual(first, ItemOf(page)));
        await page.InvokeAsync(() => page.Instance.KeyAsync(8, ItemOf(page), "digit:1", 0));
        await page.InvokeAsync(() => page.Instance.KeyAsync(9, first, "digit:1", 0));
        Assert.Empty(page.FindAll("[aria-checked=true]"));
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

    private static string ItemOf(IRenderedComponent<Answer> page) => page.Find("[data-item]").GetAttribute("data-item")!;

    private Task KeyAsync(IRenderedComponent<Answer> page, string command) =>
        page.InvokeAsync(() => page.Instance.KeyAsync(++_sequence, ItemOf(page), command, 1));

    private BunitContext BrowserOf(Caller person)
    {
        BunitContext.DefaultWaitTimeout = TimeSpan.FromSeconds(60); // a busy machine is no failure
        var browser = new BunitContext();
        browser.JSInterop.Mode = JSRuntimeMode.Loose;
        browser.Services.AddMudServices();
        browser.Services.AddSingleton(Answers);
        browser.Services.AddSingleton<TimeProvider>(Portal.Clock);
        browser.AddAuthorization().SetAuthorized(person.Name)
            .SetClaims(new Claim(ClaimTypes.NameIdentifier, person.UserId), new Claim(Caller.DisplayNameClaim, person.Name));
        return browser;
    }
}
