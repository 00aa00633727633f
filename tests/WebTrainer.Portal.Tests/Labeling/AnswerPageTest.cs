using System.Security.Claims;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Portal.Tests.Labeling;

/// <summary>The page that people answer on, in a browser without scripts: its keys are handed to it as the script would.</summary>
public abstract class AnswerPageTest : LabelingTest
{
    protected BunitContext BrowserOf(Caller person)
    {
        var browser = new BunitContext();
        browser.JSInterop.Mode = JSRuntimeMode.Loose;
        browser.Services.AddMudServices();
        browser.Services.AddSingleton(Answers);
        browser.Services.AddSingleton<TimeProvider>(Portal.Clock);
        browser
            .AddAuthorization()
            .SetAuthorized(person.Name)
            .SetClaims(new Claim(ClaimTypes.NameIdentifier, person.UserId), new Claim(Caller.DisplayNameClaim, person.Name));
        return browser;
    }

    protected IRenderedComponent<Answer> Open(BunitContext browser, Guid task)
    {
        var page = browser.Render<Answer>(p => p.Add(a => a.ProjectId, Project).Add(a => a.TaskId, task));
        page.WaitForElement("[data-test=count]");
        return page;
    }

    /// <summary>The item before the person; empty when there is none.</summary>
    protected static string ItemOf(IRenderedComponent<Answer> page) =>
        page.FindAll("[data-item]").SingleOrDefault()?.GetAttribute("data-item") ?? "";

    /// <summary>What is shown as chosen, in the page's order.</summary>
    protected static IEnumerable<string> Chosen(IRenderedComponent<Answer> page) =>
        page.FindAll("[aria-checked=true]").Select(o => o.GetAttribute("data-value")!);
}
