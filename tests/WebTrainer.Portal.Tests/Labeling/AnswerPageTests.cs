using System.Security.Claims;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Portal.Tests.Labeling;

public sealed class AnswerPageTests : LabelingTest
{
    [Fact]
    public async Task Keyboard_ChoosesSavesGoesOnAndComesBack()
    {
        var task = await NewTaskAsync(people: Ada);
        await using var browser = BrowserOf(Ada);
        var page = browser.Render<Answer>(p => p.Add(a => a.ProjectId, Project).Add(a => a.TaskId, task));
        page.WaitForAssertion(() => Assert.Contains("Question 0", page.Find("[data-test=item]").TextContent, StringComparison.Ordinal));
        Assert.Equal("0 of 6", page.Find("[data-test=count]").TextContent);

        await KeyAsync(page, "2", "Digit2");
        Assert.Equal("no", page.Find("[aria-checked=true] span").TextContent);
        await KeyAsync(page, "Enter", "Enter");
        page.WaitForAssertion(() => Assert.Contains("Question 1", page.Find("[data-test=item]").TextContent, StringComparison.Ordinal));
        Assert.Equal("Saved item 1", page.Find("[data-test=saved]").TextContent);
        Assert.StartsWith("1 of 6", page.Find("[data-test=count]").TextContent, StringComparison.Ordinal);

        await KeyAsync(page, "u", "KeyU");
        page.WaitForAssertion(() => Assert.Contains("Question 0", page.Find("[data-test=item]").TextContent, StringComparison.Ordinal));
        Assert.Equal("no", page.Find("[aria-checked=true] span").TextContent);
        await KeyAsync(page, "۱", "Digit1"); // a Persian keyboard: told by the key's place
        await KeyAsync(page, "Enter", "Enter");

        await using var db = Portal.OpenDb();
        Assert.Equal("yes", (await db.LabelAnswers.SingleAsync(Ct)).Value);
    }

    [Fact]
    public async Task Enter_WithoutAChoice_SavesNothingAndSaysSo()
    {
        var task = await NewTaskAsync(people: Ada);
        await using var browser = BrowserOf(Ada);
        var page = browser.Render<Answer>(p => p.Add(a => a.ProjectId, Project).Add(a => a.TaskId, task));
        page.WaitForElement("[data-test=options]");
        await KeyAsync(page, "Enter", "Enter");
        Assert.Equal("Choose an answer first", page.Find("[data-test=saved]").TextContent);
        await using var db = Portal.OpenDb();
        Assert.Empty(await db.LabelAnswers.ToListAsync(Ct));
    }

    private static Task KeyAsync(IRenderedComponent<Answer> page, string key, string code) =>
        page.Find("[data-test=options]").KeyDownAsync(new KeyboardEventArgs { Key = key, Code = code });

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
